/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

class OpenMpThreadsTest {

    private static final int THREADS = 3;

    private NativeOps settings;
    private int before;

    @BeforeEach
    void begin() {
        Nd4j.create(1);
        settings = NativeOpsHolder.getInstance().getDeviceNativeOps();
        before = settings.ompGetMaxThreads();
        settings.setOmpNumThreads(THREADS);
    }

    @AfterEach
    void putBack() {
        settings.setOmpNumThreads(before);
    }

    @Test
    void loopsHaveOneThreadMeanwhileAndThenTheirOwnAgain() {
        assertEquals(1, OpenMpThreads.one(settings::ompGetMaxThreads));
        assertEquals(THREADS, settings.ompGetMaxThreads());
        assertThrows(
                IllegalStateException.class,
                () -> OpenMpThreads.one(() -> {
                    throw new IllegalStateException("in the layer");
                }));
        assertEquals(THREADS, settings.ompGetMaxThreads());
    }

    @Test
    void recurrentLayersAreStepwiseAlsoWithinOthers() {
        ComputationGraph sequence = TestNetworks.recurrent(DataType.DOUBLE, ConvolutionMode.Same, 3);
        assertTrue(OpenMpThreads.isStepwise(sequence.getLayer("lstm")));
        assertFalse(OpenMpThreads.isStepwise(sequence.getLayer("conv")));
        ComputationGraph wrapped = TestNetworks.aboveARecurrentLayer(
                DataType.DOUBLE,
                3,
                new FrozenLayerWithBackprop(new LSTM.Builder().nOut(4).build()));
        assertTrue(OpenMpThreads.isStepwise(wrapped.getLayer("rnn")));
    }
}
