"""The pixels of an Xvfb screen, read from the file in which it keeps them (-fbdir), and PNG files made of them."""
import struct
import zlib


def read(path, x, y, w, h):
    """The rectangle as w*h*3 RGB bytes. The file is in the XWD format."""
    with open(path, 'rb') as file:
        head = struct.unpack('>25I', file.read(100))
        size, width, height, order, bits, stride, colours = head[0], head[4], head[5], head[7], head[11], head[12], head[19]
        if bits != 32 or order != 0 or x < 0 or y < 0 or x + w > width or y + h > height:
            raise ValueError('not the screen that was asked for')
        file.seek(size + colours * 12 + y * stride)
        data = file.read(stride * h)
    out = bytearray(w * h * 3)
    for row in range(h):
        line = data[row * stride + x * 4:row * stride + (x + w) * 4]
        at = row * w * 3
        for channel in range(3):
            out[at + channel:at + w * 3:3] = line[2 - channel::4]       # blue, green, red, nothing
    return bytes(out)


def part(rgb, width, x, y, w, h):
    """A rectangle of a picture `width` pixels wide."""
    return b''.join(rgb[((y + row) * width + x) * 3:((y + row) * width + x + w) * 3] for row in range(h))


def colours(rgb):
    """How many colours there are: a picture has hundreds, a pane of text a few dozen shades of its letters' edges."""
    return len(set(struct.iter_unpack('3s', rgb)))


def alike(a, b):
    """The share of pixels that are the same in both."""
    if len(a) != len(b) or not a:
        return 0.0
    return sum(p == q for p, q in zip(struct.iter_unpack('3s', a), struct.iter_unpack('3s', b))) * 3 / len(a)


def write_png(path, w, h, rgb):
    """For each line the filter (none, left, above, their average) with the smallest remains: half the size of none at all."""
    stride, above, raw = w * 3, bytes(w * 3), bytearray()
    for row in range(h):
        line = rgb[row * stride:(row + 1) * stride]
        left = bytes(3) + line[:-3]
        tries = [line, bytes((a - b) & 255 for a, b in zip(line, left)), bytes((a - b) & 255 for a, b in zip(line, above)),
                 bytes((a - (b + c >> 1)) & 255 for a, b, c in zip(line, left, above))]
        best = min(range(4), key=lambda n: sum(tries[n].translate(DISTANCE)))
        raw += bytes([best]) + tries[best]
        above = line

    def chunk(tag, data):
        return struct.pack('>I', len(data)) + tag + data + struct.pack('>I', zlib.crc32(tag + data))
    with open(path, 'wb') as file:
        file.write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', w, h, 8, 2, 0, 0, 0))
                   + chunk(b'IDAT', zlib.compress(bytes(raw), 9)) + chunk(b'IEND', b''))


DISTANCE = bytes(min(n, 256 - n) for n in range(256))
