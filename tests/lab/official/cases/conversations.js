// Live conversations: how many there are, speaking with a bot flow, and what is kept of them.
'use strict';

const test = require('node:test');
const assert = require('assert');
const {Client, soon} = require('../client');
const {Simulator} = require('../simulator');

const LAUNCH = {
    flow: {id: 'PRIMARY_FLOW_ID'},
    externalSessionId: 'probe-1',
    channel: {name: 'Messaging', inputModes: ['Text'], outputModes: ['Text'],
        userAgent: {name: 'Quorate'}},
};

let simulator;
let client;

test.before(async () => {
    simulator = await Simulator.start('--attributes', '100ms');
    client = await Client.login(simulator);
});
test.after(() => simulator.stop());

test('the observations query counts a flow', async () => {
    const query = {filter: {type: 'or', predicates: [
        {dimension: 'flowId', value: 'PRIMARY_FLOW_ID'}]}, metrics: ['oFlow']};
    const ask = () => client.call('AnalyticsApi.postAnalyticsFlowsObservationsQuery', query);
    assert.deepStrictEqual((await ask()).results, []);
    for (const [media, count] of [['voice', 3], ['message', 4]])
        await simulator.control('POST', 'traffic', {flow: 'PRIMARY_FLOW_ID', media, count});
    const {results} = await ask();
    assert.deepStrictEqual(
        results.map((one) => [one.group.mediaType, one.data[0].metric, one.data[0].stats.count]),
        [['voice', 'oFlow', 3], ['message', 'oFlow', 4]]);
    await client.refused(400, 'bad.request', 'AnalyticsApi.postAnalyticsFlowsObservationsQuery',
        {...query, metrics: ['oNothing']});
});

async function session() {
    return (await client.call('TextbotsApi.postTextbotsBotflowsSessions', LAUNCH)).id;
}

function turn(id, request) {
    return client.call('TextbotsApi.postTextbotsBotflowsSessionTurns', id, request);
}

test('a healthy bot flow is spoken to and left', async () => {
    const id = await session();
    const greeting = await turn(id, {inputEventType: 'NoOp'});
    assert.strictEqual(greeting.nextActionType, 'WaitForInput');
    const answer = await turn(id, {
        inputEventType: 'UserInput', previousTurn: {id: greeting.id},
        inputEventUserInput: {mode: 'Text', alternatives: [{transcript: {text: 'hello'}}]}});
    assert.strictEqual(answer.previousTurn.id, greeting.id);
    assert.ok(answer.prompts.textPrompts.segments[0].text.length > 0);
    const end = await turn(id, {inputEventType: 'UserDisconnect'});
    assert.strictEqual(end.nextActionDisconnect.reason, 'TriggeredByUser');
    await client.refused(404, 'not.found', 'TextbotsApi.postTextbotsBotflowsSessionTurns', id,
        {inputEventType: 'NoOp'});
});

test('a bot flow fails with a 200', async () => {
    const rows = [['error', 'Exit', 'Error'], ['disconnect-error', 'Disconnect', 'Error'],
        ['recognition-failure', 'Exit', 'RecognitionFailure'], ['exit', 'Exit', 'TriggeredByFlow']];
    for (const [mode, action, reason] of rows) {
        await simulator.control('POST', 'bots/PRIMARY_FLOW_ID', {mode});
        const ended = await turn(await session(), {inputEventType: 'NoOp'});
        assert.strictEqual(ended.nextActionType, action);
        assert.strictEqual(ended[`nextAction${action}`].reason, reason);
    }
});

test('attributes of a participant are taken at once and show later', async () => {
    const ids = ['conversation-1', 'participant-1'];
    const taken = await client.extended(
        'ConversationsApi.patchConversationParticipantAttributes', ...ids,
        {attributes: {step: 'payment'}});
    assert.strictEqual(taken.status, 202);
    await soon(async () => {
        const {participants} = await client.call('ConversationsApi.getConversation', ids[0]);
        return participants[0].attributes.step === 'payment';
    });
});

test('a contact is changed whole and field by field', async () => {
    const contact = await client.call('ExternalContactsApi.getExternalcontactsContact', 'contact-1');
    await client.call('ExternalContactsApi.putExternalcontactsContact', 'contact-1',
        {...contact, title: 'Dr'});
    const patched = await client.call('ExternalContactsApi.patchExternalcontactsContact',
        'contact-1', {changes: [
            {action: 'Update', field: '$.customFields.currentStep_text', value: 'payment'}]});
    assert.strictEqual(patched.title, 'Dr');
    assert.strictEqual(patched.customFields.currentStep_text, 'payment');
    await client.refused(409, 'general.conflict',
        'ExternalContactsApi.patchExternalcontactsContact', 'contact-1', {changes: [
            {action: 'Update', field: '$.customFields', value: {}},
            {action: 'Update', field: '$.customFields.a', value: 'b'}]});
});
