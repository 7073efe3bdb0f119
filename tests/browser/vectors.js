// Runs the shared vectors through the page's own modules: what differs, as a list of sentences.
async (vectors) => {
  const wrong = [];
  const load = (name) => import(`/static/${name}.js`);
  const [bytes, crypto, cbor, cuts, session] = await Promise.all(
    ["bytes", "crypto", "cbor", "fragments", "session"].map(load),
  );
  const raw = bytes.fromHex;
  const same = (what, found, wanted) => {
    const shown = found instanceof Uint8Array ? bytes.toHex(found) : String(found);
    if (shown !== wanted) wrong.push(`${what}: ${shown} and not ${wanted}`);
  };
  const refuses = async (what, act) => {
    try {
      await act();
    } catch {
      return;
    }
    wrong.push(`${what} was accepted`);
  };

  const of = {
    hmac: (c) => crypto.hmac(raw(c.key), raw(c.data)),
    cmac: (c) => crypto.cmac(raw(c.key), raw(c.data)),
    ecb: (c) => crypto.block(raw(c.key), raw(c.data)),
    hkdf: async (c) =>
      crypto.hkdfExpand(await crypto.hkdfExtract(raw(c.salt), raw(c.key)), raw(c.info), c.out.length / 2),
    ccm: async (c) => {
      const [key, nonce, header, data] = [c.key, c.nonce, c.header, c.data].map(raw);
      const sealed = await crypto.ccmSeal(key, nonce, header, data);
      same(`${c.source} opened`, await crypto.ccmOpen(key, nonce, header, sealed), c.data);
      sealed[3] ^= 1;
      same(`${c.source} broken`, await crypto.ccmOpen(key, nonce, header, sealed), "null");
      return sealed.map((byte, at) => (at === 3 ? byte ^ 1 : byte));
    },
  };
  for (const c of vectors.crypto.cases) same(c.source, await of[c.of](c), c.out);

  for (const c of vectors.x25519.cases) {
    const pair = await crypto.x25519(raw(c.secret));
    same("x25519", await pair.agree(raw(c.point)), c.out);
  }
  const mine = await crypto.x25519(new Uint8Array(32).fill(7));
  for (const point of vectors.x25519.zero) same(`zero of ${point}`, await mine.agree(raw(point)), "null");

  for (const [text, json] of vectors.cbor.good) {
    const value = cbor.loads(raw(text));
    same(`cbor ${text}`, cbor.dumps(value), text);
    same(`cbor ${text} read`, typeof value === "bigint" ? String(value) : shown(value), json);
  }
  for (const [text, why] of vectors.cbor.bad) await refuses(`cbor ${text} (${why})`, () => cbor.loads(raw(text)));

  for (const c of vectors.fragments.cases) {
    const message = await text(c.bytes);
    const cut = cuts.fragments(message, c.mtu);
    same("heads", Uint8Array.from(cut, (one) => one[0]), c.heads);
    const framed = cut.flatMap((one) => [bytes.bigEndian(one.length, 2), one]);
    same("fragments", await crypto.sha256(...framed), c.digest);
    const reassembler = new cuts.Reassembler();
    const found = cut.map((one) => reassembler.feed(one));
    same("whole again", found.at(-1), bytes.toHex(message));
  }
  for (const c of vectors.fragments.refused)
    await refuses(`fragments: ${c.why}`, () => {
      const reassembler = new cuts.Reassembler();
      c.fragments.forEach((one) => reassembler.feed(raw(one)));
    });

  const ticket = await crypto.sha256(bytes.ascii("ticket"), Uint8Array.of(7));
  const device = bytes.ascii("PRODUCT1");
  for (const c of vectors.session.chain) same(`chain ${c.days}`, await session.chainKey(ticket, c.days), c.out);
  for (const c of vectors.session.epochs)
    if (!c.opens)
      await refuses(`epoch ${c.asked}`, () => new session.Carrier(ticket, c.first, device, c.asked, () => new Uint8Array(16)));
  for (const [suite, wanted] of [[1, vectors.session], [2, vectors.session.suite2]]) {
    const carrier = await met(suite, wanted);
    same("record", await carrier.records.seal(1, bytes.ascii("hello")), wanted.record);
    const other = await begun(suite);
    await other.hello();
    for (let bit = 0; bit < wanted.m2.length * 4; bit++) {
      const flipped = raw(wanted.m2);
      flipped[bit >> 3] ^= 1 << (bit & 7);
      same(`suite ${suite}, bit ${bit} of M2`, await other.answer(flipped), "null");
    }
  }
  for (const c of vectors.session.records) {
    const { records } = await met(1, vectors.session);
    records.sent = records.received = c.number;
    if (c.from === "carrier") same(`record ${c.number}`, await records.seal(c.kind, raw(c.text)), c.out);
    else {
      const [kind, plain] = await records.open(raw(c.out));
      same(`record ${c.number} of kind`, kind, String(c.kind));
      same(`record ${c.number} opened`, plain, c.text);
      same(`record ${c.number} again`, await records.open(raw(c.out)), "null");
    }
    if (c.number === 0xffff && c.from === "carrier")
      await refuses("record 65536", () => records.seal(1, new Uint8Array()));
  }
  return wrong;

  async function begun(suite) {
    return new session.Carrier(ticket, 600, device, 603, await drawn("c"), suite);
  }

  async function met(suite, wanted) {
    const carrier = await begun(suite);
    same(`suite ${suite} m1`, await carrier.hello(), wanted.m1);
    same(`suite ${suite} m3`, await carrier.answer(raw(wanted.m2)), wanted.m3);
    return carrier;
  }

  async function drawn(seed) {
    const key = await crypto.sha256(bytes.ascii(seed));
    const blocks = await Promise.all([0, 1].map((n) => crypto.sha256(key, bytes.bigEndian(n, 4))));
    return (count) => blocks.shift().slice(0, count);
  }

  async function text(length) {
    let out = new Uint8Array();
    for (let n = 0; out.length < length; n++)
      out = bytes.joined(out, await crypto.sha256(bytes.ascii("fragments"), bytes.bigEndian(n, 4)));
    return out.slice(0, length);
  }

  function shown(value) {
    return JSON.stringify(value, (_, one) => (one instanceof Map ? Object.fromEntries(one) : one));
  }
}
