import { setTimeout as after } from 'node:timers/promises';
import type { ServerResponse } from 'node:http';
import { embeddingLength } from '../../domain/face.ts';
import { seeded } from './pictures.ts';
import type { FaceCall } from './scripted-faces-request.ts';

export interface ScriptedFace {
  /** Pixels: left, top, right, bottom. */
  readonly corners: readonly [number, number, number, number];
  readonly score?: number;
  /** Numbers as they are sent; those of `faceVector(1)` unless it is said. */
  readonly embedding?: readonly unknown[];
}

/** What the service does with one picture. Nothing said: nobody is on it. */
export interface FaceScript {
  readonly faces?: readonly ScriptedFace[];
  /** Before anything is sent. */
  readonly afterMs?: number;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is in place of faces. */
  readonly body?: string;
  /** As the service claims to have measured the picture. */
  readonly size?: { readonly width: number; readonly height: number };
  /** The model that it says it used. Only `generic` says one. */
  readonly model?: string;
  /**
   * silent: never answers · before: the connection is cut before the answer · middle: in the middle of it ·
   * short: half of the answer, ended as if it were whole
   */
  readonly cut?: 'silent' | 'before' | 'middle' | 'short';
}

/** Numbers of a vector of length 1 that points anywhere, the same ones for the same seed. */
export function faceVector(seed: number): readonly number[] {
  const random = seeded(seed);
  const numbers = Array.from({ length: embeddingLength }, () => random() - 0.5);
  const length = Math.hypot(...numbers);
  return numbers.map((value) => value / length);
}

/** True where the client was sent a whole answer. */
export async function sendFaces(response: ServerResponse, call: FaceCall, script: FaceScript): Promise<boolean> {
  const { afterMs = 0, cut, status = 200, headers = { 'content-type': 'application/json' } } = script;
  if (afterMs > 0) await after(afterMs);
  if (cut === 'silent') return false;
  if (cut === 'before') {
    response.socket?.resetAndDestroy();
    return false;
  }
  const body = Buffer.from(script.body ?? JSON.stringify(bodyOf(call, script)));
  if (cut === 'middle') {
    response.writeHead(status, { ...headers, 'content-length': body.length });
    response.write(body.subarray(0, body.length / 2), () => response.socket?.resetAndDestroy());
    return false;
  }
  response.writeHead(status, headers);
  response.end(cut === 'short' ? body.subarray(0, body.length / 2) : body);
  return cut === undefined;
}

function bodyOf({ path, size, model }: FaceCall, script: FaceScript): object {
  const { width, height } = script.size ?? size ?? { width: 0, height: 0 };
  const faces = (script.faces ?? []).map(({ corners, score = 0.9, embedding = faceVector(1) }) => ({
    corners,
    score,
    embedding,
  }));
  if (path.endsWith('/embed')) return { model: script.model ?? model, embedding: faces[0]?.embedding ?? null };
  if (path.endsWith('/detect')) {
    const told = faces.map(({ corners, score, embedding }) => ({ bbox: corners, det_score: score, embedding }));
    return { model: script.model ?? model, width, height, faces: told };
  }
  const told = faces.map(({ corners: [x1, y1, x2, y2], score, embedding }) => ({
    boundingBox: { x1, y1, x2, y2 },
    embedding: JSON.stringify(embedding),
    score,
  }));
  return { 'facial-recognition': told, imageHeight: height, imageWidth: width };
}
