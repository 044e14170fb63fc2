package org.amend4j.cuda.nd4j;

import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.amend4j.cuda.cache.CodeCache;
import org.amend4j.cuda.device.DeviceException;
import org.amend4j.cuda.driver.CompiledKernels;
import org.amend4j.cuda.driver.CudaDevice;
import org.amend4j.cuda.kernel.AdapterKernels;
import org.amend4j.cuda.kernel.AdapterSumLayout;
import org.amend4j.cuda.kernel.RectifierLayout;
import org.amend4j.kernel.AdapterSum;
import org.amend4j.kernel.LoraKernels;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The kernels of adapter.cu on the arrays of ND4J's CUDA backend: launched on ND4J's stream, so in order with its own work, in
 * memory that ND4J allocated. Takes matrices of floats that {@link Layouts} says yes to; declines everything else.
 */
public final class Nd4jCudaLoraKernels implements LoraKernels {

    private static final Logger LOG = LogManager.getLogger(Nd4jCudaLoraKernels.class);
    static final String CUDA_BACKEND = "org.nd4j.linalg.jcublas.JCublasBackend";

    private final CodeCache cache = CodeCache.ofUser();
    /** By card, as CUDA counts; empty where they do not compile or load. */
    private final Map<Integer, Optional<CompiledKernels>> loaded = new ConcurrentHashMap<>();

    /** For {@link java.util.ServiceLoader}. */
    public Nd4jCudaLoraKernels() {}

    @Override
    public Optional<String> unavailable() {
        return unavailable(Nd4j.getBackend().getClass().getName());
    }

    /** The same, given the name of ND4J's backend. */
    Optional<String> unavailable(String backend) {
        if (!backend.equals(CUDA_BACKEND)) {
            return Optional.of("ND4J computes with " + backend + ", not with its CUDA backend.");
        }
        Optional<String> missing = CudaDevice.missing();
        if (missing.isPresent()) {
            return missing;
        }
        try {
            Nd4jMemory.enter();
            loaded.put(CompiledKernels.currentDevice(), Optional.of(load()));
            return Optional.empty();
        } catch (DeviceException | UncheckedIOException e) {
            return Optional.of("the kernels cannot be loaded: " + e.getMessage() + ".");
        }
    }

    private CompiledKernels load() {
        return CompiledKernels.loadInCurrentContext(AdapterKernels.source(), cache);
    }

    /** The kernels on this thread's card, which need not be the first one's. */
    private Optional<CompiledKernels> kernels() {
        Nd4jMemory.enter();
        return loaded.computeIfAbsent(CompiledKernels.currentDevice(), device -> {
            try {
                return Optional.of(load());
            } catch (DeviceException | UncheckedIOException e) {
                LOG.warn("LoRA layers on card {} use ND4J's operations only: {}", device, e.getMessage());
                return Optional.empty();
            }
        });
    }

    @Override
    public boolean takes(AdapterSum sum) {
        return layout(sum).isPresent() && kernels().isPresent();
    }

    private static Optional<AdapterSumLayout> layout(AdapterSum sum) {
        boolean plain = isMatrix(sum.y())
                && isMatrix(sum.low())
                && isMatrix(sum.up())
                && sum.bias().map(bias -> isRow(bias, sum.y().size(1))).orElse(true);
        return plain
                ? Layouts.adapterSum(Matrix.of(sum.y()), Matrix.of(sum.low()), Matrix.of(sum.up()))
                : Optional.empty();
    }

    @Override
    public void add(AdapterSum sum) {
        AdapterSumLayout layout = layout(sum).orElseThrow(Nd4jCudaLoraKernels::notTaken);
        CompiledKernels kernels = kernels().orElseThrow(Nd4jCudaLoraKernels::notTaken);
        INDArray y = sum.y();
        Nd4jMemory memory = sum.bias()
                .map(bias -> Nd4jMemory.prepare(y, y, sum.low(), sum.up(), bias))
                .orElseGet(() -> Nd4jMemory.prepare(y, y, sum.low(), sum.up()));
        kernels.launch(
                AdapterKernels.SUM,
                layout.threads(),
                memory.stream(),
                layout.arguments(
                        memory.address(y),
                        memory.address(sum.low()),
                        memory.address(sum.up()),
                        (float) sum.scale(),
                        sum.bias().map(memory::address).orElse(0L)));
        memory.written();
    }

    @Override
    public boolean rectifierGradient(INDArray activations, INDArray upstream, double most, INDArray gradient) {
        if (!isMatrix(activations) || !isMatrix(upstream) || !isMatrix(gradient)) {
            return false;
        }
        Optional<RectifierLayout> layout =
                Layouts.rectifier(Matrix.of(activations), Matrix.of(upstream), Matrix.of(gradient));
        Optional<CompiledKernels> kernels = layout.isPresent() ? kernels() : Optional.empty();
        if (kernels.isEmpty()) {
            return false;
        }
        Nd4jMemory memory = Nd4jMemory.prepare(gradient, activations, upstream);
        kernels.get()
                .launch(
                        AdapterKernels.RECTIFIER,
                        layout.get().threads(),
                        memory.stream(),
                        layout.get()
                                .arguments(
                                        memory.address(activations),
                                        memory.address(upstream),
                                        (float) most,
                                        memory.address(gradient)));
        memory.written();
        return true;
    }

    private static boolean isMatrix(INDArray array) {
        return array.rank() == 2 && array.dataType() == DataType.FLOAT && !array.isEmpty();
    }

    /** Whether a bias is a row of floats without gaps. */
    private static boolean isRow(INDArray bias, long columns) {
        return isMatrix(bias) && bias.size(0) == 1 && bias.size(1) == columns && (columns == 1 || bias.stride(1) == 1);
    }

    private static IllegalArgumentException notTaken() {
        return new IllegalArgumentException("this sum was not taken");
    }
}
