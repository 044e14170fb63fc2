/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.nd4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import org.amend4j.internal.cuda.driver.CudaDevice;
import org.amend4j.internal.kernel.AdapterSum;
import org.amend4j.internal.kernel.LoraKernels;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The provider where ND4J computes on the CPU and its CUDA backend is not on the class path. */
class Nd4jCudaLoraKernelsTest {

    @Test
    void coreFindsItAndIsToldWhyItDoesNotWorkHere() {
        List<LoraKernels> found = ServiceLoader.load(LoraKernels.class).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
        assertEquals(1, found.size());
        assertEquals(Nd4jCudaLoraKernels.class, found.get(0).getClass());
        assertEquals(
                Optional.of("ND4J computes with org.nd4j.linalg.cpu.nativecpu.CpuBackend, not with its CUDA backend."),
                found.get(0).unavailable());
        assertEquals(Optional.empty(), LoraKernels.available());
    }

    @Test
    void withTheBackendButWithoutADriverItSaysWhatIsMissing() {
        assumeTrue(CudaDevice.missing().isPresent(), "this machine has a card");
        assertEquals(
                CudaDevice.missing(), new Nd4jCudaLoraKernels().unavailable("org.nd4j.linalg.jcublas.JCublasBackend"));
    }

    @Test
    void whereItDoesNotWorkItDeclinesEverything() {
        Nd4jCudaLoraKernels kernels = new Nd4jCudaLoraKernels();
        assertTrue(kernels.unavailable().isPresent());
        INDArray ones = Nd4j.ones(DataType.FLOAT, 2, 2);
        AdapterSum sum = new AdapterSum(ones, ones, ones, 1, Optional.empty());
        assertFalse(kernels.takes(sum));
        assertThrows(IllegalStateException.class, () -> kernels.add(sum));
        assertFalse(kernels.rectifierGradient(ones, ones, 6, ones.dup()));
    }
}
