// Read, change one flow, write the same back: each resource through its API class.
'use strict';

const test = require('node:test');
const assert = require('assert');
const {Client, soon} = require('../client');
const {Simulator} = require('../simulator');

const STANDBY = {id: 'STANDBY_FLOW_ID'};
const ROW = ['table-1', 'support line'];
const ROUTE = ['example.com', 'route-1'];

let simulator;
let client;

test.before(async () => {
    simulator = await Simulator.start('--deploy', '300ms');
    client = await Client.login(simulator);
});
test.after(() => simulator.stop());

async function switched(resource) {
    const line = await simulator.journalLast();
    assert.strictEqual(line.resource, resource);
    assert.strictEqual(line.state_before, 'primary');
    assert.strictEqual(line.state_after, 'standby');
    assert.strictEqual(line.applied, true);
}

test('an IVR is read, changed and written; a stale version conflicts', async () => {
    const ivr = await client.call('ArchitectApi.getArchitectIvr', 'ivr-1');
    const written = await client.call('ArchitectApi.putArchitectIvr', 'ivr-1',
        {...ivr, openHoursFlow: STANDBY, closedHoursFlow: STANDBY});
    await switched('ivr/ivr-1');
    assert.strictEqual(written.version, ivr.version + 1);
    assert.strictEqual(written.openHoursFlow.id, STANDBY.id);
    assert.deepStrictEqual(written.dnis, ivr.dnis);
    await client.refused(409, 'general.conflict', 'ArchitectApi.putArchitectIvr', 'ivr-1', ivr);
});

test('a PUT of an IVR erases what it does not name', async () => {
    await client.call('ArchitectApi.putArchitectIvr', 'ivr-2', {name: 'Support', dnis: ['+4930']});
    const erased = await client.call('ArchitectApi.getArchitectIvr', 'ivr-2');
    assert.strictEqual(erased.openHoursFlow, undefined);
    assert.strictEqual(erased.closedHoursFlow, undefined);
    assert.strictEqual(erased.scheduleGroup, undefined);
});

test('an emergency group is enabled; a stale version conflicts', async () => {
    const group = await client.call('ArchitectApi.getArchitectEmergencygroup', 'group-1');
    assert.strictEqual(group.enabled, false);
    await client.call('ArchitectApi.putArchitectEmergencygroup', 'group-1',
        {...group, enabled: true});
    await switched('emergency-group/group-1');
    await client.refused(409, 'general.conflict', 'ArchitectApi.putArchitectEmergencygroup',
        'group-1', group);
});

test('a row is brief unless asked for more, and takes only its columns', async () => {
    const brief = await client.call('ArchitectApi.getFlowsDatatableRow', ...ROW);
    assert.deepStrictEqual(brief, {key: 'support line'});
    const row = await client.call('ArchitectApi.getFlowsDatatableRow', ...ROW,
        {showbrief: false});
    await client.call('ArchitectApi.putFlowsDatatableRow', ...ROW,
        {body: {...row, activeFlow: STANDBY.id}});
    await switched('datatable-row/table-1/support line');
    await client.refused(400, 'flows.datatables.schema.exception',
        'ArchitectApi.putFlowsDatatableRow', ...ROW, {body: {...row, colour: 'red'}});
    await client.refused(404, 'flows.datatables.row.not.found',
        'ArchitectApi.getFlowsDatatableRow', 'table-1', 'no line');
});

test('a message recipient takes its flow', async () => {
    await client.call('RoutingApi.getRoutingMessageRecipient', 'recipient-1');
    const written = await client.call('RoutingApi.putRoutingMessageRecipient', 'recipient-1',
        {flow: STANDBY});
    await switched('message-recipient/recipient-1');
    assert.strictEqual(written.messengerType, 'sms');
});

test('a web deployment is Pending, then Active', async () => {
    const get = () => client.call('WebDeploymentsApi.getWebdeploymentsDeployment', 'deployment-1');
    const written = await client.call('WebDeploymentsApi.putWebdeploymentsDeployment',
        'deployment-1', {...await get(), flow: STANDBY});
    await switched('web-deployment/deployment-1');
    assert.strictEqual(written.status, 'Pending');
    await soon(async () => (await get()).status === 'Active');
    await client.refused(400, 'bad.request', 'WebDeploymentsApi.putWebdeploymentsDeployment',
        'deployment-1', {name: 'without a configuration'});
});

test('an email route is a 202 and Pending, then Active', async () => {
    const get = () => client.call('RoutingApi.getRoutingEmailDomainRoute', ...ROUTE);
    const written = await client.extended('RoutingApi.putRoutingEmailDomainRoute', ...ROUTE,
        {...await get(), flow: STANDBY});
    await switched('email-route/example.com/route-1');
    assert.strictEqual(written.status, 202);
    assert.strictEqual(written.body.status, 'Pending');
    await soon(async () => (await get()).status === 'Active');
});

test('what is not there is a 404', async () => {
    await client.refused(404, 'not.found', 'ArchitectApi.getArchitectIvr', 'ivr-99');
    await client.refused(404, 'not.found', 'ArchitectApi.getFlow', 'NO_FLOW');
});
