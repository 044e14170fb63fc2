/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.onednn;

import com.sun.jna.Pointer;
import java.util.ArrayList;
import java.util.List;

/** Descriptions of memory, and of computations on it. */
final class Layouts implements AutoCloseable {

    private final List<Long> made = new ArrayList<>();

    /** A matrix with distances between rows and columns, in elements. */
    long plain(int rows, int columns, int type, long rowStride, long columnStride) {
        long[] layout = new long[1];
        OneDnn.check(
                "layout",
                Calls.dnnl_memory_desc_create_with_strides(
                        layout, 2, pair(rows, columns), type, pair(rowStride, columnStride)));
        return noted(layout[0]);
    }

    /** A matrix in the layout that oneDNN likes best. */
    long free(int rows, int columns, int type) {
        long[] layout = new long[1];
        OneDnn.check(
                "layout",
                Calls.dnnl_memory_desc_create_with_tag(layout, 2, pair(rows, columns), type, Calls.ANY_LAYOUT));
        return noted(layout[0]);
    }

    long copy(long from) {
        long[] layout = new long[1];
        OneDnn.check("layout", Calls.dnnl_memory_desc_clone(layout, from));
        return noted(layout[0]);
    }

    private long noted(long layout) {
        made.add(layout);
        return layout;
    }

    private static long[] pair(long first, long second) {
        long[] numbers = new long[Calls.DIMENSIONS];
        numbers[0] = first;
        numbers[1] = second;
        return numbers;
    }

    /**
     * The description of a product; closed by who asks.
     *
     * @param adds to what is there
     */
    long product(OneDnn library, long source, long weights, long destination, boolean adds) {
        long[] description = new long[1];
        long attributes = attributes(adds);
        try {
            library.alone(() -> OneDnn.check(
                    "product",
                    Calls.dnnl_matmul_primitive_desc_create(
                            description, library.engine(), source, weights, 0, destination, attributes)));
        } finally {
            Calls.dnnl_primitive_attr_destroy(attributes);
        }
        return description[0];
    }

    /** The description of a copy into another layout or type; closed by who asks. */
    long reorder(OneDnn library, long from, long to) {
        long[] description = new long[1];
        long attributes = attributes(false);
        try {
            library.alone(() -> OneDnn.check(
                    "copy",
                    Calls.dnnl_reorder_primitive_desc_create(
                            description, from, library.engine(), to, library.engine(), attributes)));
        } finally {
            Calls.dnnl_primitive_attr_destroy(attributes);
        }
        return description[0];
    }

    private static long attributes(boolean adds) {
        long[] attributes = new long[1];
        OneDnn.check("attributes", Calls.dnnl_primitive_attr_create(attributes));
        OneDnn.check("scratchpad", Calls.dnnl_primitive_attr_set_scratchpad_mode(attributes[0], Calls.OF_USER));
        if (adds) {
            long[] operations = new long[1];
            OneDnn.check("sum", Calls.dnnl_post_ops_create(operations));
            OneDnn.check("sum", Calls.dnnl_post_ops_append_sum(operations[0], 1, 0, 0));
            OneDnn.check("sum", Calls.dnnl_primitive_attr_set_post_ops(attributes[0], operations[0]));
            Calls.dnnl_post_ops_destroy(operations[0]);
        }
        return attributes[0];
    }

    /** The name of the code that a description stands for. */
    static String implementation(long description) {
        long[] name = new long[1];
        OneDnn.check("name", Calls.dnnl_primitive_desc_query(description, Calls.IMPLEMENTATION, 0, name));
        return new Pointer(name[0]).getString(0);
    }

    @Override
    public void close() {
        made.forEach(Calls::dnnl_memory_desc_destroy);
        made.clear();
    }
}
