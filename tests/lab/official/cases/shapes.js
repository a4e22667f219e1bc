// The checker of shapes itself: it must see what is wrong, or all else proves nothing.
'use strict';

const test = require('node:test');
const assert = require('assert');
const {faults, promised} = require('../shapes');

test('a method promises what the client library declares', () => {
    assert.strictEqual(promised('ArchitectApi.getArchitectIvr'), 'Models.IVR');
    assert.strictEqual(promised('ArchitectApi.getFlowsDatatableRow'),
        '{ [key: string]: object; }');
    assert.throws(() => promised('ArchitectApi.getRoutingPlan'));
});

test('what is wrong in a value is told with its place', () => {
    const ivr = {name: 'x', dnis: ['+49'], openHoursFlow: {id: 'f'}, version: 1};
    assert.deepStrictEqual(faults(ivr, 'Models.IVR'), []);
    const rows = [
        [{dnis: []}, 'IVR.name: IVR needs it'],
        [{name: 7}, 'IVR.name: 7 is not a string'],
        [{name: 'x', dnis: '+49'}, 'IVR.dnis: not a list'],
        [{name: 'x', dnis: [7]}, 'IVR.dnis[0]: 7 is not a string'],
        [{name: 'x', version: '1'}, 'IVR.version: "1" is not a number'],
        [{name: 'x', openHoursFlow: 'f'}, 'IVR.openHoursFlow: not an object'],
        [{name: 'x', flow: {id: 'f'}}, 'IVR.flow: IVR has no such field'],
    ];
    for (const [value, fault] of rows)
        assert.deepStrictEqual(faults(value, 'Models.IVR'), [fault]);
});
