#!/usr/bin/python3
"""Are the data actions and flows of deploy/genesys what the platform can import, and do they fit each other?

    check_actions.py                              files alone
    check_actions.py URL WRITE_TOKEN READ_TOKEN   ... and each action against a node that runs
"""

import json
import sys
import unittest
import urllib.error

import jsonschema
import yaml

import action as actions
import velocity

NASTY = 'a "quoted" \\ back\\slash,\n a line, #end ${input.seq} $esc ü'
CREDENTIALS = {"url": "https://quorate.example.org", "token": "a-token"}
PUT, GET, DELETE = "Quorate context put", "Quorate context get", "Quorate context delete"
WRITING, READING = "Quorate contexts, writing", "Quorate contexts, reading"


def flow_of(name):
    return yaml.safe_load((actions.FOLDER / "flows" / name).read_text())["inboundShortMessage"]


def walk(node, word):
    """Each value of the key `word`, wherever it stands."""
    if isinstance(node, list):
        for part in node:
            yield from walk(part, word)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == word:
                yield value
            yield from walk(value, word)


def call_of(call):
    """Category, data action's name, its inputs and outputs."""
    (category, inner), = call["category"].items()
    (name, contract), = inner["dataAction"].items()
    return category, name, contract.get("inputs", {}), contract.get("successOutputs", {})


class Files(unittest.TestCase):
    def setUp(self):
        self.actions = actions.load_all()

    def test_each_is_an_export_of_the_web_services_integration(self):
        self.assertEqual(set(self.actions), {PUT, GET, DELETE})
        for action in self.actions.values():
            self.assertEqual(set(action), {"name", "integrationType", "actionType", "config", "contract", "secure"})
            self.assertEqual(action["integrationType"], "custom-rest-actions")
            self.assertEqual(action["actionType"], "custom")
            self.assertEqual(set(action["config"]["request"]),
                             {"requestUrlTemplate", "requestType", "headers", "requestTemplate"})
            self.assertEqual(set(action["config"]["response"]),
                             {"translationMap", "translationMapDefaults", "successTemplate"})

    def test_the_contracts_are_schemas(self):
        for action in self.actions.values():
            for schema in (actions.input_schema(action), actions.success_schema(action)):
                jsonschema.Draft4Validator.check_schema(schema)
                self.assertEqual(schema["type"], "object")
                self.assertLessEqual(set(schema["required"]), set(schema["properties"]))

    def test_templates_use_only_what_the_contract_has(self):
        for action in self.actions.values():
            request = action["config"]["request"]
            used = velocity.references(request["requestUrlTemplate"]) | set().union(
                *(velocity.references(text) for text in request["headers"].values()))
            if request["requestType"] == "PUT":
                used |= velocity.references(request["requestTemplate"])
            inputs = {"input." + name for name in actions.input_schema(action)["properties"]}
            self.assertEqual({name for name in used if name.startswith("input.")}, inputs)
            self.assertLessEqual(used - inputs, {"credentials.url", "credentials.token"})

    def test_answers_fill_the_contract(self):
        for action in self.actions.values():
            response = action["config"]["response"]
            names = set(actions.success_schema(action)["properties"])
            self.assertEqual(set(response["translationMap"]), names)
            self.assertEqual(set(response["translationMapDefaults"]), names)
            self.assertEqual(velocity.references(response["successTemplate"]), names)
            actions.outputs_of(action, {})  # the defaults alone obey it

    def test_any_text_survives_the_templates(self):
        inputs = {"contactId": "a b/c+49?x", "seq": 7, "step": NASTY, "conversationId": NASTY, "participantId": NASTY,
                  "hasCompletedOnboarding": True, "issueType": NASTY, "accountNumber": NASTY}
        method, url, headers, body = actions.request_of(self.actions[PUT], inputs, CREDENTIALS)
        self.assertEqual((method, url), ("PUT", "https://quorate.example.org/v1/contexts/a%20b%2Fc%2B49%3Fx"))
        self.assertEqual(headers["Authorization"], "Bearer a-token")
        self.assertEqual(json.loads(body), {
            "seq": 7, "step": NASTY, "conversation": NASTY, "participant": NASTY,
            "fields": {"hasCompletedOnboarding": True, "issueType": NASTY,
                       "accountNumber": {"value": NASTY, "secret": True}}})

    def test_what_is_not_known_yet_is_left_out(self):
        _, _, _, body = actions.request_of(self.actions[PUT], {"contactId": "c", "seq": 1, "step": "start"}, CREDENTIALS)
        self.assertEqual(json.loads(body), {"seq": 1, "step": "start", "fields": {"hasCompletedOnboarding": False}})

    def test_flows_call_what_there_is(self):
        for name in ("primary.yaml", "standby.yaml"):
            calls = list(walk(flow_of(name), "callData"))
            self.assertGreaterEqual(len(calls), 2)
            for call in calls:
                category, wanted, inputs, outputs = call_of(call)
                action = self.actions[wanted]
                self.assertEqual(category, READING if wanted == GET else WRITING)
                self.assertEqual(set(inputs), set(actions.input_schema(action)["properties"]))
                self.assertLessEqual(set(outputs), set(actions.success_schema(action)["properties"]))

    def test_every_path_of_every_call_is_wired(self):
        for name in ("primary.yaml", "standby.yaml"):
            for call in walk(flow_of(name), "callData"):
                self.assertEqual(set(call["outputs"]), {"success", "failure", "timeout"}, call["name"])
                for path in call["outputs"].values():
                    self.assertTrue(path["actions"], call["name"])
                self.assertLessEqual(call["timeout"]["lit"]["seconds"], 5)

    def test_flows_use_declared_variables(self):
        for name in ("primary.yaml", "standby.yaml"):
            flow = flow_of(name)
            state, = [part["state"] for part in flow["states"]]
            declared = {inner["name"] for part in state["variables"] for inner in part.values()}
            used = {text for word in ("var", "variable") for text in walk(state, word)}
            self.assertLessEqual(used, declared)

    def test_both_flows_know_the_customer_by_the_same(self):
        keys = [next(walk(flow_of(name), "statements")) for name in ("primary.yaml", "standby.yaml")]
        self.assertEqual(keys[0], keys[1])


class Node(unittest.TestCase):
    url = write = read = None

    def setUp(self):
        if self.url is None:
            self.skipTest("no node")
        self.actions = actions.load_all()
        self.writing = {"url": self.url, "token": self.write}
        self.reading = {"url": self.url, "token": self.read}
        self.id = "+49-30-1234"

    def run_action(self, name, inputs, credentials, missing=None):
        return actions.run(self.actions[name], {"contactId": self.id} | inputs, credentials, missing)

    def test_a_conversation_from_the_first_checkpoint_to_its_end(self):
        with self.assertRaises(urllib.error.HTTPError) as failure:
            self.run_action(GET, {}, self.reading)
        self.assertEqual(failure.exception.code, 404)
        checkpoint = {"seq": 1, "step": "payment_collection", "hasCompletedOnboarding": True, "issueType": NASTY,
                      "accountNumber": "12345678"}
        missing = []
        self.assertEqual(self.run_action(PUT, checkpoint, self.writing, missing), {"stored": True, "seq": 1})
        shown = self.run_action(GET, {}, self.reading, missing)
        self.assertEqual(missing, [])
        self.assertGreaterEqual(shown.pop("ageMs"), 0)
        self.assertEqual(shown, {
            "seq": 1, "step": "payment_collection", "hasIssueType": True, "hasAccountNumber": True,
            "hasCompletedOnboarding": True, "issueType": NASTY, "accountNumber": "12345678"})
        hidden = self.run_action(GET, {}, self.writing)
        self.assertEqual((hidden["hasAccountNumber"], hidden["accountNumber"]), (True, ""))
        self.assertEqual(self.run_action(PUT, {"seq": 3, "step": "done"}, self.writing), {"stored": True, "seq": 3})
        self.assertEqual(self.run_action(PUT, {"seq": 2, "step": "late"}, self.writing), {"stored": False, "seq": 3})
        self.assertEqual(self.run_action(DELETE, {}, self.writing, missing), {"seq": 3})
        self.assertEqual(missing, [])
        with self.assertRaises(urllib.error.HTTPError) as failure:
            self.run_action(GET, {}, self.reading)
        self.assertEqual(failure.exception.code, 404)


if __name__ == "__main__":
    if len(sys.argv) == 4:
        Node.url, Node.write, Node.read = sys.argv[1:]
        del sys.argv[1:]
    unittest.main()
