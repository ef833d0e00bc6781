// The message store in Node.js with its http module, in memory: a peer of the benchmark. Takes the port as its argument.
const crypto = require('crypto');
const http = require('http');

const messages = new Map();

function reply(response, status, body) {
  const text = JSON.stringify(body);
  response.writeHead(status, {'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text)});
  response.end(text);
}

http.createServer((request, response) => {
  if (request.method === 'POST') {
    const parts = [];
    request.on('data', part => parts.push(part));
    request.on('end', () => {
      let message;
      try {
        message = JSON.parse(Buffer.concat(parts).toString()).message;
      } catch {}
      if (typeof message !== 'string') return reply(response, 400, {err_msg: 'Not a message'});
      const digest = crypto.createHash('sha256').update(message).digest('hex');
      messages.set(digest, message);
      reply(response, 201, {digest});
    });
  } else {
    const message = messages.get(request.url.slice('/messages/'.length));
    if (message === undefined) reply(response, 404, {err_msg: 'Message not found'});
    else reply(response, 200, {message});
  }
}).listen(Number(process.argv[2]), '127.0.0.1');
