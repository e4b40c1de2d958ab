"""Pictures that weigh what a photograph weighs, and a provider on the loopback that answers every prompt with the next one."""
import base64
import http.server
import json
import random
import struct
import threading
import zlib

SIDE = 1024
GRAIN = 6.5       # so that the picture is as many bytes on the wire as the photograph that the peers were measured on


def lattice(chance, step):
    """SIDE rows of smooth noise from -1 to 1 with a node every `step` pixels, as a function of the row."""
    count = SIDE // step + 2
    nodes = [[chance.uniform(-1, 1) for _ in range(count)] for _ in range(count)]
    smooth = [(x / step % 1) ** 2 * (3 - 2 * (x / step % 1)) for x in range(step)]

    def row(y):
        share = smooth[y % step]
        above, below = nodes[y // step], nodes[y // step + 1]
        line = [a + (b - a) * share for a, b in zip(above, below)]
        return [left + (right - left) * part for left, right in zip(line, line[1:]) for part in smooth][:SIDE]
    return row


def photograph(seed=1):
    """Rows of SIDE×3 bytes: slopes in the evening light, with the grain of a film."""
    chance = random.Random(seed)
    octaves = [(lattice(chance, step), weight) for step, weight in ((256, 60), (64, 30), (16, 12))]
    bell = [sum(chance.uniform(-1, 1) for _ in range(4)) * GRAIN for _ in range(1 << 12)]
    rows = []
    for y in range(SIDE):
        light, line = 150 - 40 * y / SIDE, bytearray()
        grain = random.Random(seed * SIDE + y).choices(bell, k=SIDE * 3)
        for x, tone in enumerate(map(sum, zip(*([value * weight for value in row(y)] for row, weight in octaves)))):
            for channel, share in enumerate((1.0, 0.8, 0.6)):
                line.append(max(0, min(255, int((light + tone) * share + grain[x * 3 + channel]))))
        rows.append(bytes(line))
    return rows


def filtered(rows):
    """The rows as PNG's filter `Sub` leaves them."""
    return [b'\1' + row[:3] + bytes((now - before) & 255 for now, before in zip(row[3:], row)) for row in rows]


def png(lines):
    def chunk(tag, data):
        return struct.pack('>I', len(data)) + tag + data + struct.pack('>I', zlib.crc32(tag + data))
    return (b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', SIDE, SIDE, 8, 2, 0, 0, 0))
            + chunk(b'IDAT', zlib.compress(b''.join(lines), 1)) + chunk(b'IEND', b''))


class Provider(http.server.ThreadingHTTPServer):
    """Answers as Gemini does: the picture, rolled by some rows more each time, so that no two are the same."""

    def __init__(self):
        super().__init__(('127.0.0.1', 0), Answer)
        self.lines, self.given = filtered(photograph()), 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self):
        return 'http://127.0.0.1:%d' % self.server_address[1]

    def next(self):
        at = self.given * 50 % SIDE
        self.given += 1
        return png(self.lines[at:] + self.lines[:at])


class Answer(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers['content-length']))
        data = base64.b64encode(self.server.next()).decode()
        part = {'inlineData': {'mimeType': 'image/png', 'data': data}}
        event = {'candidates': [{'content': {'role': 'model', 'parts': [part]}, 'finishReason': 'STOP'}]}
        self.send_response(200)
        self.send_header('content-type', 'text/event-stream')
        self.end_headers()
        self.wfile.write(('data: %s\n\n' % json.dumps(event)).encode())

    def log_message(self, *_):
        pass
