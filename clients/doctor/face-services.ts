import { createFaceService } from '../../adapters/face-service/face-service.ts';
import type { Finding } from '../../domain/checkup.ts';
import type { FaceProbe } from '../../domain/face.ts';
import type { Settings } from '../../runtime/config.ts';
import { faceServicesOf } from '../../runtime/face-settings.ts';
import { isReadableOnTheWay } from '../../runtime/host-address.ts';

/** Each face service: is it there, is it what FACE_API says, and may its token be read on the way? */
export async function faceServices(settings: Settings, signal: AbortSignal): Promise<Finding[]> {
  const found = faceServicesOf(settings);
  if (found.length === 0) {
    const detail = 'none is set up: faces are not looked for';
    return [{ about: 'face services', level: 'note', detail, todo: 'Set FACE_API_URL for people on photos.' }];
  }
  const findings = await Promise.all(
    found.map(async (setting) => {
      const service = createFaceService(setting);
      try {
        const probe = await service.probe(signal);
        return [faceFinding(setting.url, setting.model, probe), ...openToken(setting.url, setting.headers())];
      } finally {
        await service.close();
      }
    }),
  );
  return findings.flat();
}

export function faceFinding(url: string, model: string, { isThere, detail, why }: FaceProbe): Finding {
  const about = `face service ${url}`;
  if (isThere) return { about, level: 'ok', detail: `is there, for ${model}` };
  if (why !== undefined) return { about, level: 'wrong', detail };
  return { about, level: 'away', detail, todo: 'Start it, or take it out of FACE_API_URL.' };
}

function openToken(url: string, headers: Readonly<Record<string, string>>): Finding[] {
  if (Object.keys(headers).length === 0 || !isReadableOnTheWay(url)) return [];
  const detail = 'its token can be read by whoever is on the way, because the address is http://';
  return [{ about: `face service ${url}`, level: 'note', detail, todo: 'Use https://, a VPN, or an address at home.' }];
}
