/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.internal.lora.layer.LayerShare.Term;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * A {@link LoraProduct} whose rows belong to several adapters: the large product is made once for all rows, the low-rank ones for the
 * rows of each. Where some rows have a weight of their own, each share makes its own large product. Inference only.
 */
final class SharedProduct {

    /** @param product the large product of these examples, without an adapter */
    record Part(long examples, LoraProduct product, List<Term> terms) {}

    private final LoraProduct base;
    private final List<Part> parts;
    private final boolean oneProduct;
    private final long examples;

    /** @param base the product without an adapter that parts without a weight of their own refer to */
    SharedProduct(LoraProduct base, List<Part> parts) {
        this.base = base;
        this.parts = List.copyOf(parts);
        this.oneProduct = parts.stream().allMatch(part -> part.product() == base);
        this.examples = parts.stream().mapToLong(Part::examples).sum();
    }

    /** Examples in the batch. */
    long examples() {
        return examples;
    }

    /**
     * Computes y.
     *
     * @param x [n, rows], the same number of rows for each example
     * @param y [n, columns], overwritten; in C order if an example's rows are together, else in Fortran order
     * @param timeSlowest whether examples run faster than the rows of an example
     */
    void forward(INDArray x, INDArray y, boolean timeSlowest, LayerWorkspaceMgr workspaces) {
        if (oneProduct) {
            base.forward(x, y, false, ArrayType.FF_WORKING_MEM, workspaces);
        }
        long each = x.size(0) / examples;
        if (oneProduct && !timeSlowest && FewRows.takes(x, y) && terms().allMatch(FewRows::takes)) {
            addToRows(x, y, each, workspaces);
            return;
        }
        long from = 0;
        for (Part part : parts) {
            if (!oneProduct || !part.terms().isEmpty()) {
                Slice slice = new Slice(from, part.examples(), each, examples, timeSlowest);
                INDArray into = slice.target(y);
                add(part, slice.of(x), into, workspaces);
                slice.store(into, y);
            }
            from += part.examples();
        }
    }

    private Stream<Term> terms() {
        return parts.stream().flatMap(part -> part.terms().stream());
    }

    private void addToRows(INDArray x, INDArray y, long each, LayerWorkspaceMgr workspaces) {
        long most = parts.stream()
                .flatMap(part -> part.terms().stream()
                        .map(term -> part.examples() * each * term.a().size(1)))
                .max(Comparator.naturalOrder())
                .orElse(0L);
        if (most == 0) {
            return;
        }
        INDArray p = workspaces.createUninitialized(ArrayType.FF_WORKING_MEM, x.dataType(), new long[] {most}, 'c');
        FewRows rows = new FewRows(x, y, p);
        long from = 0;
        for (Part part : parts) {
            for (Term term : part.terms()) {
                rows.add(term, from, part.examples() * each);
            }
            from += part.examples() * each;
        }
    }

    private void add(Part part, INDArray x, INDArray y, LayerWorkspaceMgr workspaces) {
        if (!oneProduct) {
            part.product().forward(x, y, false, ArrayType.FF_WORKING_MEM, workspaces);
        }
        addTerms(part.terms(), x, y, workspaces);
    }

    /** Adds {@code s·(xA)B} of each term. */
    static void addTerms(List<Term> terms, INDArray x, INDArray y, LayerWorkspaceMgr workspaces) {
        for (Term term : terms) {
            INDArray p = workspaces.createUninitialized(
                    ArrayType.FF_WORKING_MEM,
                    x.dataType(),
                    new long[] {x.size(0), term.a().size(1)},
                    'f');
            Nd4j.gemm(x, term.a(), p, false, false, 1, 0);
            Nd4j.gemm(p, term.b(), y, false, false, term.scaling(), 1);
        }
    }

    /** The product of a layer with terms on all its rows; the first is computed as that of a layer with one adapter. */
    static LoraProduct first(LoraProduct base, List<Term> terms) {
        return terms.isEmpty()
                ? base
                : base.with(Trained.of(Optional.of(terms.get(0).adapter())));
    }

    /**
     * The rows of some consecutive examples.
     *
     * @param each rows of one example
     */
    private record Slice(long from, long count, long each, long examples, boolean timeSlowest) {

        INDArray of(INDArray rows) {
            return timeSlowest
                    ? steps(rows).dup('f').reshape('f', new long[] {count * each, rows.size(1)})
                    : rows.get(NDArrayIndex.interval(from * each, (from + count) * each), NDArrayIndex.all());
        }

        /** Where the rows' results are computed: in place if they are together. */
        INDArray target(INDArray rows) {
            return of(rows);
        }

        void store(INDArray computed, INDArray rows) {
            if (timeSlowest) {
                steps(rows).assign(computed.reshape('f', new long[] {count, each, rows.size(1)}));
            }
        }

        /** [count, each, width] */
        private INDArray steps(INDArray rows) {
            return rows.reshape('f', new long[] {examples, each, rows.size(1)})
                    .get(NDArrayIndex.interval(from, from + count), NDArrayIndex.all(), NDArrayIndex.all());
        }
    }
}
