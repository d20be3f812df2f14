// The answers as a cluster of Node: node answers.js PORT PROCESSES FILE. Its primary accepts the connections and passes
// them to the processes, as by default.
"use strict";
const cluster = require("node:cluster");
const fs = require("node:fs");
const http = require("node:http");

const [port, processes, file] = process.argv.slice(2);
const slowMillis = 10;

function text(response, body) {
    response.writeHead(200, {"Content-Type": "text/plain", "Content-Length": Buffer.byteLength(body)});
    response.end(body);
}

function answer(request, response) {
    const url = new URL(request.url, "http://localhost");
    switch (url.pathname) {
        case "/answers/small":
            text(response, "Twenty-eight bytes of text.\n");
            break;
        case "/answers/bytes":
            text(response, Buffer.alloc(Number(url.searchParams.get("bytes")), "x"));
            break;
        case "/answers/file":
            response.writeHead(200, {"Content-Type": "text/plain", "Content-Length": fs.statSync(file).size});
            fs.createReadStream(file).pipe(response);
            break;
        case "/answers/upload": {
            const parts = [];
            request.on("data", (part) => parts.push(part));
            request.on("end", () => text(response, Buffer.concat(parts).length + "\n"));
            break;
        }
        case "/answers/slow":
            // Holds the process, as computing or a synchronous call would.
            Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, slowMillis);
            text(response, "slow\n");
            break;
        default:
            response.writeHead(404).end();
    }
}

if (cluster.isPrimary) {
    for (let i = 0; i < Number(processes); i++) {
        cluster.fork();
    }
    process.on("SIGTERM", () => process.exit());
} else {
    const server = http.createServer(answer);
    server.keepAliveTimeout = 600_000;
    server.listen(Number(port), "127.0.0.1");
}
