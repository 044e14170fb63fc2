/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

class FoundKernelsTest {

    /** Kernels that only say whether they work. */
    private record Named(String name, Optional<String> reason, List<String> asked) implements LoraKernels {

        @Override
        public Optional<String> unavailable() {
            asked.add(name);
            return reason;
        }

        @Override
        public boolean takes(AdapterSum sum) {
            return false;
        }

        @Override
        public void add(AdapterSum sum) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean rectifierGradient(INDArray activations, INDArray upstream, double most, INDArray gradient) {
            return false;
        }
    }

    private final List<String> asked = new ArrayList<>();
    private final LoraKernels broken = new Named("broken", Optional.of("There is no card."), asked);
    private final LoraKernels first = new Named("first", Optional.empty(), asked);
    private final LoraKernels second = new Named("second", Optional.empty(), asked);

    @Test
    void the_first_that_works_is_taken_and_nobody_is_asked_after_it() {
        assertEquals(Optional.of(first), FoundKernels.first(List.of(broken, first, second)));
        assertEquals(List.of("broken", "first"), asked);
    }

    @Test
    void where_none_works_there_are_none() {
        assertEquals(Optional.empty(), FoundKernels.first(List.of(broken, broken)));
        assertEquals(Optional.empty(), FoundKernels.first(List.of()));
    }

    @Test
    void one_that_cannot_be_loaded_harms_nobody() {
        Iterator<LoraKernels> unloadable = new Iterator<>() {
            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public LoraKernels next() {
                throw new ServiceConfigurationError("not a class file");
            }
        };
        assertEquals(Optional.empty(), FoundKernels.first(() -> unloadable));
    }

    @Test
    void core_alone_has_none() {
        assertEquals(Optional.empty(), LoraKernels.available());
    }
}
