// Meguri as one more product of peers/bench.mjs: node bench.mjs --with <this file> --peer meguri
const bin = process.env.MEGURI_BENCH
const env = { NO_PROXY: '127.0.0.1', no_proxy: '127.0.0.1' }
export const peers = { meguri: { server: [bin, 'server'], device: [bin, 'device'], load: [bin, 'load'], env } }
