"""How T21 makes something wrong of something right."""


def harm(rng, data, words):
    """The same with one to three places changed."""
    out = bytearray(data)
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(out) + 1)
        how = rng.randrange(4)
        if how == 0:
            out[at:at] = rng.choice(words)
        elif how == 1:
            del out[at:at + rng.randrange(1, 4)]
        elif how == 2 and at < len(out):
            out[at] = rng.randrange(256)
        else:
            out[at:at] = out[at:at + rng.randrange(1, 12)]
    return bytes(out)
