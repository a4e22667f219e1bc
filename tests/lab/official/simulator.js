// A running genesys-sim of its own for one file of cases: its address, its control interface, its
// end. The program's path comes by GENESYS_SIM.
'use strict';

const {spawn} = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');

const DEADLINE_MS = 10000;

class Simulator {
    static async start(...options) {
        const simulator = new Simulator();
        simulator.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'quorate-official-'));
        simulator.process = spawn(process.env.GENESYS_SIM, [
            '--port', '0', '--journal', path.join(simulator.folder, 'journal.jsonl'), ...options,
        ], {stdio: ['ignore', 'pipe', 'inherit']});
        simulator.port = await simulator.ready();
        return simulator;
    }

    ready() {
        return new Promise((resolve, reject) => {
            const timer = setTimeout(() => reject(new Error('the simulator is not ready')),
                DEADLINE_MS);
            let output = '';
            this.process.stdout.on('data', (bytes) => {
                const match = /ready port=(\d+)/.exec(output += bytes);
                if (match) {
                    clearTimeout(timer);
                    resolve(Number(match[1]));
                }
            });
            this.process.on('error', reject);
            this.process.on('exit', () => reject(new Error('the simulator ended')));
        });
    }

    async control(method, control, body) {
        const response = await fetch(`http://127.0.0.1:${this.port}/sim/${control}`,
            {method, body: body === undefined ? undefined : JSON.stringify(body)});
        const answer = await response.json();
        if (!response.ok)
            throw new Error(`${method} /sim/${control}: ${JSON.stringify(answer)}`);
        return answer;
    }

    async journalLast() {
        const lines = await this.control('GET', 'journal');
        return lines[lines.length - 1];
    }

    async stop() {
        const ended = new Promise((resolve) => this.process.on('exit', resolve));
        this.process.kill('SIGTERM');
        await ended;
        fs.rmSync(this.folder, {recursive: true});
    }
}

module.exports = {Simulator};
