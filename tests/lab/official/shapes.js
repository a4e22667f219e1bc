// The client library's own declarations (index.d.ts) as a checker: is this value a Models.X, and
// what does a method of an API class promise? Never guesses: what it cannot read, it refuses.
'use strict';

const fs = require('fs');
const path = require('path');

const declarations = path.join(
    path.dirname(require.resolve('purecloud-platform-client-v2/package.json')), 'index.d.ts');

const models = new Map();   // name -> Map(field -> {type, required})
const promises = new Map(); // Class.method -> type

function read() {
    let model = null;
    let owner = null;
    for (const line of fs.readFileSync(declarations, 'utf8').split('\n')) {
        let match;
        if ((match = /^\s*export interface (\w+) \{/.exec(line))) {
            model = new Map();
            models.set(match[1], model);
        } else if ((match = /^declare (?:class|namespace) (\w+)/.exec(line))) {
            owner = match[1];
            model = null;
        } else if (/^\s*\}/.test(line)) {
            model = null;
        } else if (model && (match = /^\s*"([^"]+)"(\??): (.+);\s*$/.exec(line))) {
            model.set(match[1], {type: match[3], required: match[2] === ''});
        } else if ((match = /^\s*(\w+)\(.*\): Promise<(.+)>;/.exec(line))) {
            promises.set(`${owner}.${match[1]}`, match[2]);
        }
    }
}

// Each fault is a sentence that begins with the place.
function check(value, type, place, faults) {
    let match;
    if (type === 'object' || type === 'any')
        return faults;
    if (type === 'string' || type === 'number' || type === 'boolean') {
        if (typeof value !== type)
            faults.push(`${place}: ${JSON.stringify(value)} is not a ${type}`);
        return faults;
    }
    if ((match = /^Array<(.+)>$/.exec(type))) {
        if (!Array.isArray(value))
            faults.push(`${place}: not a list`);
        else
            value.forEach((item, index) => check(item, match[1], `${place}[${index}]`, faults));
        return faults;
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        faults.push(`${place}: not an object`);
        return faults;
    }
    if ((match = /^\{ \[key: string\]: (.+); \}$/.exec(type))) {
        for (const key of Object.keys(value))
            check(value[key], match[1], `${place}.${key}`, faults);
        return faults;
    }
    if ((match = /^Models\.(\w+)$/.exec(type)))
        return checkModel(value, match[1], place, faults);
    throw new Error(`cannot read the type ${type}`);
}

function checkModel(value, name, place, faults) {
    const fields = models.get(name);
    if (!fields)
        throw new Error(`no model ${name}`);
    for (const key of Object.keys(value)) {
        if (!fields.has(key))
            faults.push(`${place}.${key}: ${name} has no such field`);
        else
            check(value[key], fields.get(key).type, `${place}.${key}`, faults);
    }
    for (const [key, field] of fields) {
        if (field.required && value[key] === undefined)
            faults.push(`${place}.${key}: ${name} needs it`);
    }
    return faults;
}

// The type that a method of an API class promises, e.g. "Models.IVR".
function promised(method) {
    const type = promises.get(method);
    if (!type)
        throw new Error(`the client library has no ${method}`);
    return type;
}

read();

module.exports = {
    promised,
    faults: (value, type) => check(value, type, type.replace('Models.', ''), []),
};
