/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.combine;

import java.util.List;
import java.util.stream.Stream;
import org.amend4j.lora.combine.CombinedLayer.Fidelity;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The weighted sum {@code Σ w_i·s_i·A_i·B_i} of adapters of one layer, from their factors. */
final class WeightedSum {

    private static final double UNIT_ROUNDOFF = 0x1p-53;

    private WeightedSum() {}

    /** [f₁A₁ | f₂A₂ | …]·[B₁; B₂; …]. The largest factor is left to the scaling, so that its term keeps its bits. */
    static LowRank cat(List<Term> terms) {
        double largest = terms.stream()
                .mapToDouble(term -> Math.abs(term.factor()))
                .max()
                .orElseThrow();
        double scaling = largest == 0 ? 1 : largest;
        INDArray a = Nd4j.concat(
                1,
                terms.stream()
                        .map(term -> term.a().mul(term.factor() / scaling))
                        .toArray(INDArray[]::new));
        INDArray b = Nd4j.concat(0, terms.stream().map(Term::b).toArray(INDArray[]::new));
        return new LowRank(a.dup('f'), b.dup('f'), scaling, Fidelity.EXACT);
    }

    /** The nearest matrix of this rank. */
    static LowRank svd(List<Term> terms, int rank) {
        LowRank sum = cat(terms);
        Decompositions.Svd svd = Decompositions.svdOfProduct(sum.a().mul(sum.scaling()), sum.b());
        INDArray values = svd.values();
        double rounding = UNIT_ROUNDOFF * Math.max(sum.a().size(0), sum.b().size(1)) * values.getDouble(0);
        boolean suffices = rank >= values.length() || values.getDouble(rank) <= rounding;
        return LowRank.truncated(svd, rank, suffices ? Fidelity.EXACT : Fidelity.TRUNCATED);
    }

    /** Frobenius norm of the sum. */
    static double norm(List<Term> terms) {
        LowRank sum = cat(terms);
        return sum.scaling() * Decompositions.frobeniusNormOfProduct(sum.a(), sum.b());
    }

    /** Frobenius norm of what a result differs by from the sum. */
    static double distance(List<Term> terms, Term result) {
        Term negative = new Term(result.a(), result.b(), result.scaling(), -result.weight());
        return norm(Stream.concat(terms.stream(), Stream.of(negative)).toList());
    }
}
