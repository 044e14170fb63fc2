/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import java.util.List;
import org.amend4j.identity.Facts;
import org.amend4j.identity.Identified;
import org.amend4j.objective.AdapterBlock;
import org.amend4j.objective.Precision;

/**
 * A differentiable map from rows of inputs to rows of outputs, with one flat parameter vector: the function approximator of a
 * policy or critic. Rows are row-major in one array. Not thread-safe.
 *
 * <p>Equal parameters and inputs give equal bytes. A row's outputs depend on that row alone, unless the map is
 * {@link #recurrent()}: then on the rows before it in its sequence, too.
 */
public interface Approximator extends Identified {

    /** Which function of parameters and inputs it is: all that changes its outputs, but not the parameters. */
    @Override
    Facts facts();

    /** Numbers in a row of inputs, at least 1. */
    int inputs();

    /** What a row of inputs means. */
    default InputShape shape() {
        return new InputShape.Row(inputs());
    }

    /** Numbers in a row of outputs, at least 1. */
    int outputs();

    /** Length of the parameter vector, at least 1. */
    int dimension();

    /** The parameters, [dimension], a copy. */
    double[] parameters();

    /**
     * Replaces the parameters.
     *
     * @param theta [dimension]; only read
     * @throws IllegalArgumentException if the length is wrong or a number is not finite; nothing has changed then
     */
    void setParameters(double[] theta);

    /** Where low-rank adapters are in the parameter vector, in its order; empty if there are none, or none that are known. */
    default List<AdapterBlock> adapters() {
        return List.of();
    }

    /** Whether outputs are known to be linear in the parameters: one layer, all its weights parameters, without an activation function. */
    default boolean isLinear() {
        return false;
    }

    /** The type it computes in. */
    Precision precision();

    /** Whether rows depend on those before them in their sequence. */
    boolean recurrent();

    /**
     * Computes the outputs and keeps what the gradient needs.
     *
     * @param inputs [rows · inputs]; unchanged until the pass was used
     * @param lengths of the sequences that the rows form, in order, summing to rows; each begins with an empty memory
     */
    Pass forward(double[] inputs, int[] lengths);

    /**
     * Computes outputs step by step.
     *
     * @param rows how many sequences run side by side, at least 1
     */
    Stepper stepper(int rows);

    /** One forward pass; valid until the next call of anything on its approximator. */
    interface Pass {

        /** [rows · outputs]; the receiver's own. */
        double[] outputs();

        /**
         * Adds Σ_rows Jᵀd to a gradient, J being the row's Jacobian with respect to the parameters. At most once.
         *
         * @param derivatives d, [rows · outputs]
         * @param gradient [at least dimension]; its first dimension elements are added to
         * @throws ArithmeticException if a derivative or the result is not finite; the gradient is unchanged then
         */
        void backward(double[] derivatives, double[] gradient);
    }

    /** Outputs step by step, of several sequences side by side, with the memory of a recurrent network. */
    interface Stepper {

        /**
         * The outputs of some of the sequences.
         *
         * @param inputs [sequences.length · inputs]
         * @param sequences which sequences the rows belong to, ascending; the others' memories stay as they are
         * @param begins [sequences.length]: whether a row is the first of its sequence
         * @return [sequences.length · outputs], the receiver's own
         */
        double[] step(double[] inputs, int[] sequences, boolean[] begins);
    }
}
