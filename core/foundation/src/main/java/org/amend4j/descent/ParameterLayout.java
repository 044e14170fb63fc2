/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.AdapterBlock;
import org.amend4j.objective.LowRankObjective;
import org.amend4j.objective.Objective;

/** Which elements of the parameter vector are factors of which adapter, and which are trained directly. */
final class ParameterLayout {

    private record Range(int from, int to, String what) {}

    private final List<AdapterBlock> adapters;
    private final List<Range> direct;

    private ParameterLayout(List<AdapterBlock> adapters, List<Range> direct) {
        this.adapters = adapters;
        this.direct = direct;
    }

    /** @throws IllegalArgumentException if adapters overlap or do not fit in the vector */
    static ParameterLayout of(Objective objective) {
        List<AdapterBlock> adapters =
                objective instanceof LowRankObjective lowRank ? List.copyOf(lowRank.adapters()) : List.of();
        List<Range> factors = new ArrayList<>();
        for (AdapterBlock block : adapters) {
            factors.add(new Range(block.offsetA(), block.offsetA() + block.sizeA(), "A of '" + block.layer() + "'"));
            factors.add(new Range(block.offsetB(), block.offsetB() + block.sizeB(), "B of '" + block.layer() + "'"));
        }
        return new ParameterLayout(adapters, rest(factors, objective.dimension()));
    }

    private static List<Range> rest(List<Range> factors, int dimension) {
        factors.sort(Comparator.comparingInt(Range::from));
        List<Range> rest = new ArrayList<>();
        int end = 0;
        for (Range factor : factors) {
            if (factor.from() < end || factor.to() > dimension) {
                throw new IllegalArgumentException("adapters must not overlap and must fit in " + dimension
                        + " parameters, got [" + factor.from() + ", " + factor.to() + ") (" + factor.what() + ")");
            }
            if (factor.from() > end) {
                rest.add(new Range(end, factor.from(), "direct"));
            }
            end = factor.to();
        }
        if (end < dimension) {
            rest.add(new Range(end, dimension, "direct"));
        }
        return rest;
    }

    int adapters() {
        return adapters.size();
    }

    /** ‖V‖, Frobenius. */
    double adapterNorm(double[] theta) {
        double squares = 0;
        for (AdapterBlock block : adapters) {
            squares += AdapterNorms.frobeniusSquares(theta, block);
        }
        return Math.sqrt(squares);
    }

    double directNorm(double[] gradient) {
        double squares = 0;
        for (Range range : direct) {
            squares += Vectors.squares(gradient, range.from(), range.to());
        }
        return Math.sqrt(squares);
    }

    /**
     * The adapters as a rule sees them; what it does not need is bounded from above or NaN.
     *
     * @param up factor on the weight gradients' norms, which come with rounding errors
     */
    List<AdapterState> states(
            double[] theta, double[] gradient, double[] weightGradientNorms, StepRule.Needs needs, double up) {
        List<AdapterState> states = new ArrayList<>();
        for (int i = 0; i < adapters.size(); i++) {
            AdapterBlock block = adapters.get(i);
            states.add(new AdapterState(
                    block.scaling(),
                    needs == StepRule.Needs.SPECTRAL_NORMS
                            ? AdapterNorms.spectral(theta, block)
                            : Math.sqrt(AdapterNorms.frobeniusSquares(theta, block)),
                    Math.sqrt(AdapterNorms.frobeniusSquares(gradient, block)),
                    needs == StepRule.Needs.PLAIN_NORMS ? Double.NaN : weightGradientNorms[i] * up));
        }
        return states;
    }
}
