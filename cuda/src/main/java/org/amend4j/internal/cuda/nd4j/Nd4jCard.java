/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.nd4j;

import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.amend4j.backend.MachineException;
import org.amend4j.internal.cuda.cache.CodeCache;
import org.amend4j.internal.cuda.device.LaunchShape;
import org.amend4j.internal.cuda.driver.CompiledKernels;
import org.amend4j.internal.cuda.kernel.AdapterKernels;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.nd4j.jita.allocator.impl.AtomicAllocator;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.jcublas.context.CudaContext;

/**
 * The card that ND4J's CUDA backend gave to the calling thread, and ND4J's stream on it. The only class that sees that backend:
 * not to be loaded without it.
 */
final class Nd4jCard implements ArrayCard {

    private static final Logger LOG = LogManager.getLogger(Nd4jCard.class);

    private final CodeCache cache = CodeCache.ofUser();
    /** By card, as CUDA counts; empty where they do not compile or load. */
    private final Map<Integer, Optional<CompiledKernels>> loaded = new ConcurrentHashMap<>();

    /**
     * For the card of this thread, with the kernels compiled and loaded.
     *
     * @throws MachineException if that fails
     * @throws UncheckedIOException if compiled code cannot be read
     */
    Nd4jCard() {
        loaded.put(currentDevice(), Optional.of(load()));
    }

    private CompiledKernels load() {
        return CompiledKernels.loadInCurrentContext(AdapterKernels.source(), cache);
    }

    /** The card of this thread, after ND4J has made its CUDA context current. */
    private static int currentDevice() {
        AtomicAllocator.getInstance().getDeviceContext();
        return CompiledKernels.currentDevice();
    }

    @Override
    public boolean isReady() {
        return kernels().isPresent();
    }

    private Optional<CompiledKernels> kernels() {
        return loaded.computeIfAbsent(currentDevice(), device -> {
            try {
                return Optional.of(load());
            } catch (MachineException | UncheckedIOException e) {
                LOG.warn("LoRA layers on card {} use ND4J's operations only: {}", device, e.getMessage());
                return Optional.empty();
            }
        });
    }

    @Override
    public void launch(String kernel, LaunchShape threads, ArgumentsAt arguments, INDArray written, INDArray... read) {
        CompiledKernels kernels =
                kernels().orElseThrow(() -> new IllegalStateException("the kernels are not loaded on this card"));
        AtomicAllocator allocator = AtomicAllocator.getInstance();
        // As ND4J's own products do: what it put off is done, arrays are brought to this card as they are now.
        Nd4j.getExecutioner().push();
        CudaContext context = allocator.getFlowController().prepareAction(written, read);
        kernels.launch(
                kernel,
                threads,
                context.getCublasStream(), // the stream itself; getOldStream is where it is kept
                arguments.of(array -> allocator.getPointer(array, context).address()));
        allocator.registerAction(context, written, read);
    }
}
