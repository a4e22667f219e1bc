// Lists, to their end, and what is only read.
'use strict';

const test = require('node:test');
const assert = require('assert');
const {Client} = require('../client');
const {Simulator} = require('../simulator');

let simulator;
let client;

test.before(async () => {
    simulator = await Simulator.start();
    client = await Client.login(simulator);
});
test.after(() => simulator.stop());

// All entities of a list that goes by page numbers, two a page.
async function pages(method, ...values) {
    const entities = [];
    for (let number = 1; ; number++) {
        const page = await client.call(method, ...values,
            {pageSize: 2, pageNumber: number, showbrief: false});
        entities.push(...page.entities);
        assert.strictEqual(page.pageNumber, number);
        if (!page.nextUri) {
            assert.strictEqual(entities.length, page.total);
            assert.strictEqual(number, page.pageCount);
            return entities;
        }
    }
}

test('entrances that point at the primary are found', async () => {
    const primary = 'PRIMARY_FLOW_ID';
    const ivrs = await pages('ArchitectApi.getArchitectIvrs');
    assert.deepStrictEqual(
        ivrs.filter((ivr) => ivr.openHoursFlow.id === primary).map((ivr) => ivr.id),
        ['ivr-1', 'ivr-2', 'ivr-3', 'ivr-4']);
    const groups = await pages('ArchitectApi.getArchitectEmergencygroups');
    assert.deepStrictEqual(groups.map((group) => group.emergencyCallFlows[0].emergencyFlow.id),
        ['STANDBY_FLOW_ID', primary]);
    const rows = await pages('ArchitectApi.getFlowsDatatableRows', 'table-1');
    assert.strictEqual(rows.filter((row) => row.activeFlow === primary).length, 2);
    const recipients = await pages('RoutingApi.getRoutingMessageRecipients');
    assert.strictEqual(recipients.filter((one) => one.flow.id === primary).length, 2);
    const routes = await pages('RoutingApi.getRoutingEmailDomainRoutes', 'example.com');
    assert.strictEqual(routes.filter((one) => one.flow && one.flow.id === primary).length, 2);
    const queues = await pages('RoutingApi.getRoutingQueues');
    assert.strictEqual(queues[0].messageInQueueFlow.id, primary);
});

test('the other lists have their shapes, too', async () => {
    assert.strictEqual((await pages('ArchitectApi.getFlowsDatatables')).length, 2);
    assert.strictEqual((await pages('RoutingApi.getRoutingEmailDomains')).length, 2);
    assert.strictEqual((await pages('ArchitectApi.getFlows')).length, 5);
    const sms = await client.call('RoutingApi.getRoutingMessageRecipients',
        {messengerType: 'sms'});
    assert.deepStrictEqual(sms.entities.map((one) => one.id), ['recipient-1']);
});

test('deployments go by a cursor', async () => {
    let page = await client.call('WebDeploymentsApi.getWebdeploymentsDeployments', {pageSize: '2'});
    assert.strictEqual(page.entities.length, 2);
    const after = new URLSearchParams(page.nextUri.split('?')[1]).get('after');
    page = await client.call('WebDeploymentsApi.getWebdeploymentsDeployments',
        {pageSize: '2', after});
    assert.deepStrictEqual(page.entities.map((one) => one.id), ['deployment-3']);
    assert.strictEqual(page.nextUri, undefined);
});

test('a flow shows what a preflight looks at', async () => {
    const flow = await client.call('ArchitectApi.getFlow', 'STANDBY_FLOW_ID');
    assert.strictEqual(flow.active, true);
    assert.strictEqual(flow.deleted, false);
    assert.strictEqual(flow.publishedVersion.id, '27.0');
    assert.strictEqual(flow.currentOperation.actionStatus, 'SUCCESS');
    await simulator.control('POST', 'documents/flow/STANDBY_FLOW_ID',
        {publishedVersion: null, lockedUser: {id: 'user-2', version: 1}, deleted: true});
    const ill = await client.call('ArchitectApi.getFlow', 'STANDBY_FLOW_ID');
    assert.strictEqual(ill.publishedVersion, undefined);
    assert.strictEqual(ill.lockedUser.id, 'user-2');
    const used = await client.call('ArchitectApi.getArchitectDependencytrackingConsumedresources',
        'STANDBY_FLOW_ID', '27.0', 'INBOUNDCALLFLOW');
    assert.strictEqual(used.entities[0].type, 'DATAACTION');
});
