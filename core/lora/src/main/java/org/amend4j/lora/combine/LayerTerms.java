/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.combine;

import java.util.List;
import org.amend4j.lora.combine.CombinedLayer.Fidelity;
import org.amend4j.lora.config.AdapterSpec;
import org.amend4j.lora.file.FactorVectors;
import org.amend4j.lora.file.LayerFactors;
import org.amend4j.random.SplitMix64;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One layer, with the adapters that have it. The others add nothing there.
 *
 * @param parts at least one; of one shape
 */
record LayerTerms(String name, List<Part> parts) {

    /** What one adapter has there. */
    record Part(WeightedAdapter adapter, LayerFactors layer) {

        Term term() {
            return new Term(layer.a(), layer.b(), layer.spec().scaling(), adapter.weight());
        }
    }

    LayerTerms {
        LayerFactors first = parts.get(0).layer();
        for (Part part : parts) {
            LayerFactors layer = part.layer();
            if (!layer.layout().equals(first.layout())
                    || layer.a().size(0) != first.a().size(0)
                    || layer.b().size(1) != first.b().size(1)) {
                throw new IllegalArgumentException("the layer '" + name + "' must have one shape in all adapters, got "
                        + described(parts.get(0)) + " and " + described(part));
            }
        }
    }

    private static String described(Part part) {
        LayerFactors layer = part.layer();
        return layer.inputs() + " to " + layer.outputs() + " with kernel "
                + layer.layout().kernel() + " in '" + part.adapter().name() + "'";
    }

    /**
     * The combined factors, not rounded yet.
     *
     * @throws IllegalArgumentException if the method does not take such adapters, or the numbers are too large to compute with
     */
    LowRank combined(Combination method, SplitMix64 random) {
        List<Term> terms = terms();
        for (Term term : terms) {
            requireFinite(term.factor()
                    * term.a().norm2Number().doubleValue()
                    * term.b().norm2Number().doubleValue());
        }
        return combined(method, terms, random);
    }

    private void requireFinite(double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("the combined factors of '" + name
                    + "' must be finite: the weights or the adapters' values are too large");
        }
    }

    private LowRank combined(Combination method, List<Term> terms, SplitMix64 random) {
        if (method instanceof Combination.Cat) {
            return WeightedSum.cat(terms);
        }
        if (method instanceof Combination.Svd svd) {
            return WeightedSum.svd(terms, svd.rank());
        }
        if (method instanceof Combination.PrunedSvd pruned) {
            requireSize();
            return PeftSum.prunedSvd(terms, pruned.pruning(), pruned.rank(), random);
        }
        requireOneRank(method);
        return method instanceof Combination.Pruned pruned
                ? PeftSum.pruned(terms, pruned.pruning(), random)
                : PeftSum.linear(terms);
    }

    private void requireSize() {
        LayerFactors first = parts.get(0).layer();
        if (first.a().size(0) > Integer.MAX_VALUE / first.b().size(1)) {
            throw new IllegalArgumentException("the weight of '" + name + "' is too large to be pruned as a whole: "
                    + first.a().size(0) + " x " + first.b().size(1));
        }
    }

    private void requireOneRank(Combination method) {
        Part first = parts.get(0);
        for (Part part : parts) {
            if (part.layer().spec().rank() != first.layer().spec().rank()) {
                throw new IllegalArgumentException("'" + method.peftName() + "' needs adapters of one rank, '"
                        + first.adapter().name() + "' has "
                        + first.layer().spec().rank() + " on '" + name + "' and '"
                        + part.adapter().name() + "' has "
                        + part.layer().spec().rank()
                        + "; cat and all that end in svd take any");
            }
        }
    }

    /** The combined factors as they are stored. */
    LayerFactors stored(LowRank result, AdapterSpec spec) {
        LayerFactors first = parts.get(0).layer();
        DataType type = parts.stream().anyMatch(part -> part.layer().dataType() == DataType.DOUBLE)
                ? DataType.DOUBLE
                : DataType.FLOAT;
        // the scaling that follows from an alpha can be one unit in the last place beside the one wanted
        INDArray a =
                result.a().mul(result.scaling() / spec.scaling()).castTo(type).dup('f');
        INDArray b = result.b().castTo(type).dup('f');
        requireFinite(a.norm2Number().doubleValue() * b.norm2Number().doubleValue());
        if (type == DataType.FLOAT) { // no network of floats could take more
            requireFinite((float) WeightedSum.norm(terms()));
        }
        return new LayerFactors(first.weight(), first.layout(), spec, first.peftExact(), a, b, FactorVectors.NONE);
    }

    /** How far what is stored is from the weighted sum. */
    CombinedLayer report(LayerFactors stored, Fidelity fidelity) {
        Term result = new Term(stored.a(), stored.b(), stored.spec().scaling(), 1);
        return new CombinedLayer(
                name, stored.spec().rank(), fidelity, WeightedSum.norm(terms()), WeightedSum.distance(terms(), result));
    }

    private List<Term> terms() {
        return parts.stream().map(Part::term).toList();
    }
}
