import type {
  AlbumResponseDto,
  ApiKeyResponseDto,
  AssetFaceResponseDto,
  AssetMetadataBulkResponseDto,
  AssetMetadataResponseDto,
  AssetResponseDto,
  AssetStatsResponseDto,
  ExifResponseDto,
  PeopleResponseDto,
  PersonResponseDto,
  SearchResponseDto,
  ServerFeaturesDto,
  ServerVersionResponseDto,
  TagResponseDto,
  UserAdminResponseDto,
  UserResponseDto,
  WorkflowResponseDto,
} from '@immich/sdk';

/** A type of Immich's SDK as it is in JSON: its enums are plain strings there. */
type Wire<T> = T extends string ? `${T}` : T extends object ? { [K in keyof T]: Wire<T[K]> } : T;

export type WireExif = Wire<ExifResponseDto>;
export type WirePerson = Wire<PersonResponseDto>;
export type WireUser = Wire<UserResponseDto>;
export type WireAccount = Wire<UserAdminResponseDto>;
export type WireKey = Omit<Wire<ApiKeyResponseDto>, 'permissions'> & { permissions: readonly string[] };
export type WireTag = Wire<TagResponseDto>;
export type WireAlbum = Wire<AlbumResponseDto>;
export type WireFace = Wire<AssetFaceResponseDto>;
export type WirePeople = Wire<PeopleResponseDto>;
export type WireVersion = Wire<ServerVersionResponseDto>;
export type WireFeatures = Wire<ServerFeaturesDto>;
export type WireStatistics = Wire<AssetStatsResponseDto>;
/** The SDK has these free values as `any`. */
export type WireMetadata = Omit<AssetMetadataResponseDto, 'value'> & { value: object };
export type WireMetadataOf = Omit<AssetMetadataBulkResponseDto, 'value'> & { value: object };
export type WireWorkflow = Omit<Wire<WorkflowResponseDto>, 'steps'> & { steps: WireStep[] };
export interface WireStep {
  method: string;
  config: Record<string, unknown> | null;
  enabled?: boolean | undefined;
}

/** Version 3.2; 2.x says more and some of it otherwise (answers.ts). */
export type WireAsset = Wire<AssetResponseDto>;

type Found = SearchResponseDto['assets'];
export interface WireSearch {
  albums: Wire<SearchResponseDto['albums']>;
  /** `nextCursor` came with 3.2. */
  assets: Omit<Wire<Found>, 'items' | 'nextCursor'> & { items: object[]; nextCursor?: string | null };
}
