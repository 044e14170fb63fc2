/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.onednn;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;

/**
 * oneDNN's C functions by their own names. Handles and addresses are longs: systems have 64 bits. A handle that is made is left in
 * an array of length 1; the int that most return is a {@code dnnl_status_t}.
 */
final class Calls {

    static final int OUT_OF_MEMORY = 1;
    static final int FLOAT32 = 3;
    static final int BFLOAT16 = 2;
    static final int ANY_LAYOUT = 1;
    static final int CPU = 1;
    static final int IN_ORDER = 1;
    static final int OF_USER = 1;
    static final int IMPLEMENTATION = 8;
    static final int WEIGHTS_LAYOUT = 131;
    static final int SCRATCHPAD_LAYOUT = 136;
    static final int SOURCE = 1;
    static final int DESTINATION = 17;
    static final int WEIGHTS = 33;
    static final int SCRATCHPAD = 80;
    /** Numbers in a {@code dnnl_dims_t}. */
    static final int DIMENSIONS = 12;

    private Calls() {}

    static void bind(NativeLibrary library) {
        Native.register(Calls.class, library);
    }

    static native Pointer dnnl_version();

    static native int dnnl_get_effective_cpu_isa();

    static native int dnnl_engine_create(long[] engine, int kind, long index);

    static native int dnnl_stream_create(long[] stream, long engine, int flags);

    static native int dnnl_stream_destroy(long stream);

    static native int dnnl_memory_desc_create_with_strides(
            long[] layout, int rank, long[] dimensions, int type, long[] strides);

    static native int dnnl_memory_desc_create_with_tag(long[] layout, int rank, long[] dimensions, int type, int tag);

    static native int dnnl_memory_desc_clone(long[] layout, long from);

    static native int dnnl_memory_desc_destroy(long layout);

    static native long dnnl_memory_desc_get_size(long layout);

    static native int dnnl_memory_create(long[] memory, long layout, long engine, long address);

    static native int dnnl_memory_set_data_handle(long memory, long address);

    static native int dnnl_memory_destroy(long memory);

    static native int dnnl_primitive_attr_create(long[] attributes);

    static native int dnnl_primitive_attr_set_scratchpad_mode(long attributes, int mode);

    static native int dnnl_primitive_attr_set_post_ops(long attributes, long operations);

    static native int dnnl_primitive_attr_destroy(long attributes);

    static native int dnnl_post_ops_create(long[] operations);

    static native int dnnl_post_ops_append_sum(long operations, float scale, int zeroPoint, int type);

    static native int dnnl_post_ops_destroy(long operations);

    static native int dnnl_matmul_primitive_desc_create(
            long[] description, long engine, long source, long weights, long bias, long destination, long attributes);

    static native int dnnl_reorder_primitive_desc_create(
            long[] description, long source, long sourceEngine, long to, long toEngine, long attributes);

    static native long dnnl_primitive_desc_query_md(long description, int what, int index);

    static native int dnnl_primitive_desc_query(long description, int what, int index, long[] result);

    static native int dnnl_primitive_desc_destroy(long description);

    static native int dnnl_primitive_create(long[] primitive, long description);

    static native int dnnl_primitive_execute(long primitive, long stream, int count, long arguments);

    static native int dnnl_primitive_destroy(long primitive);
}
