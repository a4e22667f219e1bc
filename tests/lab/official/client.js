// The official client, logged in to a simulator. Each call goes through its API class, and what
// comes back must be what the class declares.
'use strict';

const assert = require('assert');
const sdk = require('purecloud-platform-client-v2');
const {faults, promised} = require('./shapes');

class Client {
    static async login(simulator, id = 'demo-client', secret = 'demo-secret') {
        const api = sdk.ApiClient.instance;
        api.config.setGateway({host: '127.0.0.1', protocol: 'http', port: simulator.port});
        api.setReturnExtendedResponses(true);
        const client = new Client();
        client.auth = await api.loginClientCredentialsGrant(id, secret);
        return client;
    }

    // Calls e.g. ('ArchitectApi.getArchitectIvr', 'ivr-1'); gives {status, headers, body}.
    async extended(method, ...values) {
        const [name, verb] = method.split('.');
        const answer = await new sdk[name]()[verb](...values);
        const type = promised(method);
        if (type !== 'void')
            assert.deepStrictEqual(faults(answer.body, type), [], `${method} does not answer a ${type}`);
        checkHeaders(answer.headers);
        return answer;
    }

    async call(method, ...values) {
        return (await this.extended(method, ...values)).body;
    }

    // The call must be refused so, with an error body of the platform's shape, which it gives.
    async refused(status, code, method, ...values) {
        const [name, verb] = method.split('.');
        let answer = null;
        try {
            await new sdk[name]()[verb](...values);
        } catch (error) {
            answer = error;
        }
        assert.ok(answer, `${method} was not refused`);
        assert.strictEqual(answer.status, status, JSON.stringify(answer.body));
        assert.deepStrictEqual(faults(answer.body, 'Models.ErrorBody'), []);
        assert.strictEqual(answer.body.status, status);
        assert.strictEqual(answer.body.code, code);
        assert.ok(answer.body.message.length > 0);
        assert.strictEqual(answer.body.contextId, answer.headers['inin-correlation-id']);
        checkHeaders(answer.headers);
        return answer;
    }
}

function checkHeaders(headers) {
    assert.match(headers['inin-correlation-id'], /^[0-9a-f-]{36}$/);
    for (const name of ['count', 'allowed', 'reset'])
        assert.match(String(headers[`inin-ratelimit-${name}`]), /^\d+$/);
}

// Waits for a condition with a deadline.
async function soon(condition) {
    const until = Date.now() + 10000;
    while (!await condition()) {
        assert.ok(Date.now() < until, `not within 10 s: ${condition}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
}

module.exports = {Client, soon};
