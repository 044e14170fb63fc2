/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.List;
import java.util.Optional;
import org.amend4j.internal.backend.Epilogue;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.SignMask;
import org.amend4j.internal.network.Values;

/** The {@link Epilogue} of a product of a plan. */
sealed interface PlannedEpilogue {

    /** + bias. */
    record Bias(Shift bias) implements PlannedEpilogue {
        @Override
        public Epilogue on(Bindings b) {
            return new Epilogue.Bias(bias.on(b));
        }

        @Override
        public String what() {
            return "+ bias";
        }
    }

    /**
     * + bias, and the rectifier.
     *
     * @param positive where to note which results are
     */
    record Rectifier(Shift bias, Optional<SignsOf> positive) implements PlannedEpilogue {
        @Override
        public Epilogue on(Bindings b) {
            return new Epilogue.BiasRectifier(bias.on(b), positive.map(signs -> signs.on(b)));
        }

        @Override
        public List<Value> writes() {
            return positive.map(SignsOf::words).stream().toList();
        }

        @Override
        public String what() {
            return "+ bias, relu";
        }
    }

    /**
     * The rectifier's gradient.
     *
     * @param sums the vector whose gradient are the column sums
     */
    record RectifierGradient(SignsOf positive, Optional<Values.Slice> sums) implements PlannedEpilogue {
        @Override
        public Epilogue on(Bindings b) {
            return new Epilogue.RectifierGradient(positive.on(b), sums.map(b::gradient));
        }

        @Override
        public List<Value> reads() {
            return List.of(positive.words());
        }

        @Override
        public String what() {
            return "gradient of relu" + (sums.isPresent() ? " and its column sums" : "");
        }
    }

    /**
     * A bias in the type of what it is added to.
     *
     * @param narrow whether that is bfloat16 numbers
     */
    record Shift(Values values, boolean narrow) {

        private MachineArray on(Bindings b) {
            return narrow ? b.joints().rounded(values) : b.parameter(values);
        }
    }

    /**
     * Which elements of a value are positive.
     *
     * @param words the bits
     */
    record SignsOf(Value of, Value words) {

        /** A place for them. */
        static SignsOf place(PlanSteps steps, Value of) {
            Value words = steps.integers(of.per(), of.name() + " signs", of.rows(), SignMask.wordsOfRow(of.columns()));
            return new SignsOf(of, words);
        }

        private SignMask on(Bindings b) {
            return new SignMask(b.array(words), b.rows(of), of.columns());
        }
    }

    /** It in a run. */
    Epilogue on(Bindings b);

    /** What it reads besides the product. */
    default List<Value> reads() {
        return List.of();
    }

    /** What it writes besides the product. */
    default List<Value> writes() {
        return List.of();
    }

    /** In words. */
    String what();
}
