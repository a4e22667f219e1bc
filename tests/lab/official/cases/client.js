// The client itself: its login, its permissions, its limits.
'use strict';

const test = require('node:test');
const assert = require('assert');
const {Client} = require('../client');
const {Simulator} = require('../simulator');

const STANDBY = {flow: {id: 'STANDBY_FLOW_ID'}};

let simulator;
let client;

test.before(async () => {
    simulator = await Simulator.start('--put-rate', '2', '--token-life', '86400s');
    client = await Client.login(simulator);
});
test.after(() => simulator.stop());

test('a login gives a token and says how long it lives', () => {
    assert.strictEqual(client.auth.accessToken.length, 64);
    const life_ms = client.auth.tokenExpiryTime - Date.now();
    assert.ok(life_ms > 86390e3 && life_ms <= 86400e3);
});

test('a wrong secret is refused in the words of OAuth', async () => {
    await assert.rejects(Client.login(simulator, 'demo-client', 'wrong'),
        (error) => error.response.status === 401 && error.response.data.error === 'invalid_client');
});

test('a client learns about itself without writing', async () => {
    const token = await client.call('TokensApi.getTokensMe');
    assert.strictEqual(token.OAuthClient.id, 'demo-client');
    assert.strictEqual(token.OAuthClient.authorizedGrantType, 'CLIENT_CREDENTIALS');
    assert.strictEqual((await client.extended('TokensApi.headTokensMe')).status, 200);
    const subject = await client.call('AuthorizationApi.getAuthorizationSubjectsMe');
    const policies = subject.grants[0].role.policies;
    assert.ok(policies.some((policy) => policy.domain === 'routing' &&
        policy.entityName === 'callRoute' && policy.actions.includes('edit')));
    await client.call('OAuthApi.getOauthClient', 'demo-client');
});

test('a permission that is missing is a 403 that names it', async () => {
    await simulator.control('POST', 'permissions/demo-client', {deny: ['routing:callRoute:view']});
    const refused = await client.refused(403, 'missing.any.permissions',
        'ArchitectApi.getArchitectIvr', 'ivr-1');
    assert.match(refused.body.message, /routing:callRoute:view/);
    await simulator.control('POST', 'permissions/demo-client', {deny: []});
    await client.call('ArchitectApi.getArchitectIvr', 'ivr-1');
});

test('one PUT too many is a 429 that says when to come back', async () => {
    const put = ['RoutingApi.putRoutingMessageRecipient', 'recipient-1', STANDBY];
    await client.call(...put);
    await client.call(...put);
    const refused = await client.refused(429, 'too.many.requests.retry.after', ...put);
    assert.ok(Number(refused.headers['retry-after']) > 0);
    assert.match(refused.body.message, /\[\d+\] seconds/);
});

test('a token that died is a 401', async () => {
    await simulator.control('POST', 'tokens/expire', {});
    await client.refused(401, 'bad.credentials', 'ArchitectApi.getFlow', 'PRIMARY_FLOW_ID');
    client = await Client.login(simulator);
    await client.call('ArchitectApi.getFlow', 'PRIMARY_FLOW_ID');
});

test('the errors that are ordered have the platform\'s shape', async () => {
    const codes = {408: 'client.timeout', 409: 'general.conflict', 500: 'internal.server.error',
        503: 'service.unavailable', 504: 'request.timeout'};
    for (const [status, code] of Object.entries(codes)) {
        await simulator.control('POST', 'faults', {fault: 'status', status: Number(status)});
        await client.refused(Number(status), code, 'ArchitectApi.getFlow', 'PRIMARY_FLOW_ID');
    }
});
