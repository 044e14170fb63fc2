/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.onednn;

import java.util.Optional;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.onednn.Primitives.Made;

/**
 * How oneDNN wants a matrix [inner, columns] to lie in memory in order to multiply rows of floats with it, and the products with
 * matrices that lie so. Products may be made by several threads at a time, each by the thread that asks for it; sums are single
 * precision.
 */
public final class PackedLayout implements AutoCloseable {

    private static final int[] PRODUCT = {Calls.SOURCE, Calls.WEIGHTS, Calls.DESTINATION};
    private static final int[] CONVERSION = {Calls.SOURCE, Calls.DESTINATION};

    /** A product that code was made for. */
    private record Key(int rows, int leading, boolean adds) {}

    private final OneDnn library;
    private final int inner;
    private final int columns;
    private final ElementType factors;
    private final Layouts layouts;
    private final long packed;
    private final Primitives<Key> products = new Primitives<>(this::product);
    private final Primitives<Integer> roundings = new Primitives<>(this::rounding);

    private PackedLayout(OneDnn library, int inner, int columns, ElementType factors, Layouts layouts, long packed) {
        this.library = library;
        this.inner = inner;
        this.columns = columns;
        this.factors = factors;
        this.layouts = layouts;
        this.packed = packed;
    }

    /**
     * The layout for products of so many rows; others may be multiplied, too.
     *
     * @param factors of the products: FLOAT, or BFLOAT16, to which rows and matrix are rounded then
     * @return empty if oneDNN has no code of its own for this processor
     */
    public static Optional<PackedLayout> of(OneDnn library, int rows, int inner, int columns, ElementType factors) {
        Layouts layouts = new Layouts();
        long free = layouts.free(inner, columns, type(factors));
        long source = layouts.plain(rows, inner, type(factors), inner, 1);
        long destination = layouts.plain(rows, columns, Calls.FLOAT32, columns, 1);
        long description = layouts.product(library, source, free, destination, false);
        String code = Layouts.implementation(description);
        long packed = layouts.copy(Calls.dnnl_primitive_desc_query_md(description, Calls.WEIGHTS_LAYOUT, 0));
        Calls.dnnl_primitive_desc_destroy(description);
        if (!code.startsWith("brg")) {
            layouts.close();
            return Optional.empty();
        }
        return Optional.of(new PackedLayout(library, inner, columns, factors, layouts, packed));
    }

    private static int type(ElementType type) {
        return type == ElementType.BFLOAT16 ? Calls.BFLOAT16 : Calls.FLOAT32;
    }

    /** FLOAT, or BFLOAT16. */
    public ElementType factors() {
        return factors;
    }

    /** Bytes of a packed matrix. */
    public long bytes() {
        return Calls.dnnl_memory_desc_get_size(packed);
    }

    /**
     * Packs a matrix of floats.
     *
     * @param from its address
     * @param rowStride from a row to the next, in elements
     * @param columnStride from a column to the next; one of the two is 1
     * @param to where the packed matrix goes
     */
    public void pack(long from, int rowStride, int columnStride, long to) {
        try (Layouts own = new Layouts()) {
            reorder(own, own.plain(inner, columns, Calls.FLOAT32, rowStride, columnStride), packed, from, to);
        }
    }

    /** The way back: a packed matrix as one of floats, with strides as for {@link #pack}. */
    public void unpack(long from, int rowStride, int columnStride, long to) {
        try (Layouts own = new Layouts()) {
            reorder(own, packed, own.plain(inner, columns, Calls.FLOAT32, rowStride, columnStride), from, to);
        }
    }

    private void reorder(Layouts own, long layoutFrom, long layoutTo, long from, long to) {
        long description = own.reorder(library, layoutFrom, layoutTo);
        try (Primitive reorder = new Primitive(library, description, CONVERSION, layoutFrom, layoutTo)) {
            reorder.run(from, to);
        }
    }

    /**
     * to = rows · matrix, or to += it.
     *
     * @param rows address of floats, or of bfloat16 numbers where factors are these; without gaps
     * @param matrix address of a packed one
     * @param leading distance between rows of the result, in elements
     */
    public void multiply(int count, long rows, long matrix, long to, int leading, boolean adds) {
        products.run(new Key(count, leading, adds), rows, matrix, to);
    }

    private Made product(Key key) {
        Layouts own = new Layouts();
        long source = own.plain(key.rows(), inner, type(factors), inner, 1);
        long destination = own.plain(key.rows(), columns, Calls.FLOAT32, key.leading(), 1);
        long description = own.product(library, source, packed, destination, key.adds());
        return new Made(new Primitive(library, description, PRODUCT, source, packed, destination), own);
    }

    /** Rounds rows of floats without gaps to bfloat16 numbers, to nearest even. */
    public void round(int count, long rows, long to) {
        roundings.run(count, rows, to);
    }

    private Made rounding(int rows) {
        Layouts own = new Layouts();
        long wide = own.plain(rows, inner, Calls.FLOAT32, inner, 1);
        long narrow = own.plain(rows, inner, Calls.BFLOAT16, inner, 1);
        return new Made(new Primitive(library, own.reorder(library, wide, narrow), CONVERSION, wide, narrow), own);
    }

    @Override
    public void close() {
        products.close();
        roundings.close();
        layouts.close();
    }
}
