"""A data action of deploy/genesys as the platform would run it: contract, request, answer, and what the flow gets."""

import json
import pathlib
import urllib.error
import urllib.request

import jsonschema

import velocity

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "genesys"


def load_all():
    return {action["name"]: action for action in
            (json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.custom.json")))}


def input_schema(action):
    return action["contract"]["input"]["inputSchema"]


def success_schema(action):
    return action["contract"]["output"]["successSchema"]


def request_of(action, inputs, credentials):
    """Method, URL, headers and body (None for none); the inputs must obey the contract."""
    jsonschema.Draft4Validator(input_schema(action)).validate(inputs)
    request = action["config"]["request"]
    values = {"input." + key: value for key, value in inputs.items()}
    values |= {"credentials." + key: value for key, value in credentials.items()}
    body = None
    if request["requestType"] in ("POST", "PUT", "PATCH"):
        body = velocity.render(request["requestTemplate"], values)
        json.loads(body)
    headers = {name: velocity.render(text, values) for name, text in request["headers"].items()}
    return request["requestType"], velocity.render(request["requestUrlTemplate"], values), headers, body


def look_up(answer, path):
    """A JSONPath of plain names; None where it leads nowhere."""
    if not path.startswith("$."):
        raise ValueError(path)
    for name in path[2:].split("."):
        if not isinstance(answer, dict) or name not in answer:
            return None
        answer = answer[name]
    return answer


def outputs_of(action, answer, missing=None):
    """What the flow gets; obeys the contract. Collects the paths that the answer did not have."""
    response = action["config"]["response"]
    values = {}
    for name, path in response["translationMap"].items():
        found = look_up(answer, path)
        if found is None and missing is not None:
            missing.append(path)
        values[name] = response["translationMapDefaults"][name] if found is None else json.dumps(found)
    outputs = json.loads(velocity.render(response["successTemplate"], values))
    jsonschema.Draft4Validator(success_schema(action)).validate(outputs)
    return outputs


def run(action, inputs, credentials, missing=None):
    """Success: the outputs. Failure: an HTTPError, as the flow's failure path would have it."""
    method, url, headers, body = request_of(action, inputs, credentials)
    data = None if body is None else body.encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method), timeout=5) as answer:
        return outputs_of(action, json.load(answer), missing)
