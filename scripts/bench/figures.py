"""The arithmetic of the benchmark scripts: quantiles, histograms, a test of distribution."""

import base64
import math
import struct
import zlib

V2_COOKIE = 0x1C849303
V2_COMPRESSED_COOKIE = 0x1C849304
COOKIE_WITHOUT_WORD_SIZE = 0xFFFFFF0F


def rank(share, count):
    """Index, from 0, of the smallest value that at least this share of the values are not above.

    The definition of cachegauge's own percentiles.
    """
    return min(max(math.ceil(share * count), 1), count) - 1


def quantile(ordered, share):
    return ordered[rank(share, len(ordered))]


class Histogram:
    """An HdrHistogram in its V2 compressed encoding, as reports have it: [(low, width, count)]."""

    def __init__(self, text):
        cookie, _ = struct.unpack_from(">ii", raw := base64.b64decode(text))
        if cookie & COOKIE_WITHOUT_WORD_SIZE != V2_COMPRESSED_COOKIE:
            raise ValueError(f"no compressed V2 histogram: its cookie is {cookie:#x}")
        payload = zlib.decompress(raw[8:])
        cookie, size, _, digits, lowest, _, _ = struct.unpack_from(">iiiiqqd", payload)
        if cookie & COOKIE_WITHOUT_WORD_SIZE != V2_COOKIE:
            raise ValueError(f"no V2 histogram: its cookie is {cookie:#x}")
        self.half_bits = math.ceil(math.log2(2 * 10**digits)) - 1
        self.unit_bits = int(math.log2(lowest))
        self.buckets = list(self._buckets(payload[40:40 + size]))
        self.count = sum(count for _, _, count in self.buckets)

    def _buckets(self, body):
        index = 0
        for number in zigzag_numbers(body):
            if number < 0:  # that many empty buckets
                index -= number
                continue
            if number:
                yield *self._bounds(index), number
            index += 1

    def _bounds(self, index):
        half = 1 << self.half_bits
        power, within = (index >> self.half_bits) - 1, (index & (half - 1)) + half
        if power < 0:
            power, within = 0, within - half
        return within << (power + self.unit_bits), 1 << (power + self.unit_bits)

    def quantile(self, share):
        """The middle of the bucket that the quantile is in: off by 0.4 % at the most."""
        if not self.count:
            return 0
        left = rank(share, self.count)
        for low, width, count in self.buckets:
            if left < count:
                return low + (width - 1) // 2
            left -= count
        raise AssertionError("the counts do not add up")


def zigzag_numbers(body):
    """LEB128 in at most nine bytes, the ninth of which holds eight bits; signs are zigzag."""
    at = 0
    while at < len(body):
        number = shift = 0
        while True:
            byte = body[at]
            at += 1
            last = shift == 56
            number |= (byte if last else byte & 0x7F) << shift
            shift += 7
            if last or not byte & 0x80:
                break
        yield number >> 1 ^ -(number & 1)


def kolmogorov_smirnov(values, distribution):
    """(D, p): the largest distance between the values' distribution and the one asked for, and how
    likely one as large is if the values do come from it.

    p is that of the limit distribution (Kolmogorov 1933), with the correction for finite n of
    Stephens, "Use of the Kolmogorov-Smirnov, Cramer-von Mises and related statistics without
    extensive tables" (1970). The parameters of `distribution` must not be fitted to the values.
    """
    count = len(values)
    distance = 0.0
    for at, value in enumerate(sorted(values)):
        expected = distribution(value)
        distance = max(distance, (at + 1) / count - expected, expected - at / count)
    root = math.sqrt(count)
    return distance, kolmogorov_tail((root + 0.12 + 0.11 / root) * distance)


def kolmogorov_tail(x):
    """P(K > x) of Kolmogorov's distribution."""
    if x < 0.2:  # the series converges slowly, and the answer is 1 to 12 digits
        return 1.0
    total = sum((-1) ** (k - 1) * math.exp(-2 * k * k * x * x) for k in range(1, 101))
    return min(max(2 * total, 0.0), 1.0)


def exponential(mean):
    return lambda value: 0.0 if value < 0 else 1 - math.exp(-value / mean)


def erlang(steps, mean):
    """The distribution of the sum of so many exponential values."""
    def distribution(value):
        x = max(value, 0.0) / mean
        term = at_most = math.exp(-x)  # Poisson: fewer than `steps` arrivals until then
        for step in range(1, steps):
            term *= x / step
            at_most += term
        return 1 - at_most
    return distribution


def uniform(low, high):
    return lambda value: min(max((value - low) / (high - low), 0.0), 1.0)


def stalled_quantile(share, stall_s, run_s):
    """Response time at a quantile of an open loop whose server stood still once.

    Of the requests, stall/run meet the stall, and find what is left of it: uniform on [0, stall].
    """
    return max(0.0, stall_s - (1 - share) * run_s)
