/** The part of libheif's bindings that we use; the package has no types for this entry. */
declare module 'libheif-js/wasm-bundle.js' {
  interface Context {
    readonly context: unique symbol;
  }
  interface Handle {
    readonly handle: unique symbol;
  }
  interface Constant {
    readonly value: number;
  }
  /** `subcode` says more: 100 is the end of the data, 1000 a security limit. */
  export interface HeifError {
    readonly code: Constant;
    readonly subcode: Constant;
    readonly message: string;
  }
  interface Channel {
    readonly width: number;
    readonly height: number;
    readonly stride: number;
    /** A view into WebAssembly's memory. */
    readonly data: Uint8Array;
  }
  export interface Decoded {
    readonly width: number;
    readonly height: number;
    readonly channels: readonly Channel[];
  }
  const libheif: {
    heif_context_alloc(): Context;
    heif_context_read_from_memory(context: Context, bytes: Uint8Array): HeifError;
    heif_js_context_get_primary_image_handle(context: Context): Handle | HeifError;
    heif_image_handle_get_width(handle: Handle): number;
    heif_image_handle_get_height(handle: Handle): number;
    heif_image_handle_has_alpha_channel(handle: Handle): number;
    heif_js_decode_image2(handle: Handle, colorspace: Constant, chroma: Constant): Decoded | HeifError;
    readonly heif_colorspace: { readonly heif_colorspace_RGB: Constant };
    readonly heif_chroma: {
      readonly heif_chroma_interleaved_RGB: Constant;
      readonly heif_chroma_interleaved_RGBA: Constant;
    };
  };
  export default libheif;
}
