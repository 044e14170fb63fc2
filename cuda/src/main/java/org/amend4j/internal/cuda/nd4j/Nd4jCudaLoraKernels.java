/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.nd4j;

import java.io.UncheckedIOException;
import java.util.Optional;
import org.amend4j.backend.MachineException;
import org.amend4j.internal.cuda.driver.CudaDevice;
import org.amend4j.internal.kernel.AdapterSum;
import org.amend4j.internal.kernel.LoraKernels;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The kernels of adapter.cu on the arrays of ND4J's CUDA backend: launched on ND4J's stream, so in order with its own work, in
 * memory that ND4J allocated. Takes matrices of floats whose rows or columns are contiguous; declines everything else.
 */
public final class Nd4jCudaLoraKernels implements LoraKernels {

    private static final String CUDA_BACKEND = "org.nd4j.linalg.jcublas.JCublasBackend";

    private volatile Optional<ArrayKernels> kernels = Optional.empty();

    /** For {@link java.util.ServiceLoader}. */
    public Nd4jCudaLoraKernels() {}

    @Override
    public Optional<String> unavailable() {
        return unavailable(Nd4j.getBackend().getClass().getName());
    }

    /** The same, given the class name of ND4J's backend; classes of CUDA are touched only after that was looked at. */
    Optional<String> unavailable(String backend) {
        if (!backend.equals(CUDA_BACKEND)) {
            return Optional.of("ND4J computes with " + backend + ", not with its CUDA backend.");
        }
        Optional<String> missing = CudaDevice.missing();
        if (missing.isPresent()) {
            return missing;
        }
        try {
            kernels = Optional.of(new ArrayKernels(new Nd4jCard()));
            return Optional.empty();
        } catch (MachineException | UncheckedIOException e) {
            return Optional.of("The kernels cannot be loaded: " + e.getMessage() + ".");
        }
    }

    @Override
    public boolean takes(AdapterSum sum) {
        return kernels.map(known -> known.takes(sum)).orElse(false);
    }

    @Override
    public void add(AdapterSum sum) {
        kernels.orElseThrow(() -> new IllegalStateException("these kernels do not work here"))
                .add(sum);
    }

    @Override
    public boolean rectifierGradient(INDArray activations, INDArray upstream, double most, INDArray gradient) {
        return kernels.map(known -> known.rectifierGradient(activations, upstream, most, gradient))
                .orElse(false);
    }
}
