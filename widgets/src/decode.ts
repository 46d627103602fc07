/** Packets and recordings into messages: the reading half of the wire format. */

import { BUFFERS, VERSION } from './wire';
import type { Message } from './wire';

/** The JSON part of a packet. */
export interface Packet {
  readonly chunkscope: number;
  readonly messages: readonly Record<string, unknown>[];
  readonly topics?: readonly Posted[];
}

/** The state of something that the kernel shows beside its runs; of two with one name the higher version is newer. */
export interface Posted {
  readonly session: string;
  readonly name: string;
  readonly version: number;
  readonly state: unknown;
}

/** Binary data as Jupyter hands it over. */
export type Binary = ArrayBuffer | ArrayBufferView;

/** Whether `data` is a packet of ours, of the version that this page reads. */
export function isPacket(data: unknown): data is Packet {
  if (typeof data !== 'object' || data === null) {
    return false;
  }
  const packet = data as Partial<Packet>;
  return packet.chunkscope === VERSION && Array.isArray(packet.messages);
}

/** The messages of one packet. Throws where buffers are missing. */
export function decode(packet: Packet, buffers: readonly Binary[]): Message[] {
  let next = 0;
  return packet.messages.map(header => {
    const message: Record<string, unknown> = { ...header };
    const fields = BUFFERS[header.kind as Message['kind']];
    if (!fields) {
      throw new Error(`chunkscope: unknown message ${String(header.kind)}`);
    }
    for (const [name, code] of fields) {
      if (next >= buffers.length) {
        throw new Error(`chunkscope: message ${String(header.kind)} lacks its ${name}`);
      }
      message[name] = array(buffers[next], code);
      next += 1;
    }
    return message as unknown as Message;
  });
}

const MAGIC = 'CHNKSCP1';

/** The messages of a recording, as its file holds it. Throws where it is none. */
export function decodeRecording(data: Binary): Message[] {
  const bytes = copied(data);
  const magic = String.fromCharCode(...new Uint8Array(bytes, 0, Math.min(8, bytes.byteLength)));
  if (magic !== MAGIC) {
    throw new Error('chunkscope: this is not a recording');
  }
  const length = Number(new DataView(bytes).getBigUint64(8, true));
  const text = new TextDecoder().decode(new Uint8Array(bytes, 16, length));
  const header = JSON.parse(text) as Packet & { sizes: number[] };
  if (!isPacket(header)) {
    throw new Error('chunkscope: this recording is of another version');
  }
  let at = 16 + padded(length);
  const buffers = header.sizes.map(size => {
    const view = new Uint8Array(bytes, at, size);
    at += padded(size);
    return view;
  });
  return decode(header, buffers);
}

function padded(size: number): number {
  return size + ((8 - (size % 8)) % 8);
}

/** A fresh buffer with the same bytes: what arrives may start at any offset, typed arrays may not. */
function copied(data: Binary): ArrayBuffer {
  if (data instanceof ArrayBuffer) {
    return data;
  }
  const copy = new Uint8Array(data.byteLength);
  copy.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return copy.buffer;
}

function array(data: Binary, code: 'i4' | 'f8' | 'u1'): Int32Array | Float64Array | Uint8Array {
  const bytes = copied(data);
  return code === 'i4' ? new Int32Array(bytes) : code === 'f8' ? new Float64Array(bytes) : new Uint8Array(bytes);
}
