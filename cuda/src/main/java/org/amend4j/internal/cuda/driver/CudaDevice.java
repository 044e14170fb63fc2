/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.driver;

import static org.amend4j.internal.cuda.driver.Status.check;
import static org.amend4j.internal.cuda.driver.Status.checkCompiler;
import static org.amend4j.internal.cuda.driver.Status.errorText;
import static org.bytedeco.cuda.global.cublas.CUBLAS_STATUS_SUCCESS;
import static org.bytedeco.cuda.global.cublas.cublasGetStatusString;
import static org.bytedeco.cuda.global.cudart.CUDA_SUCCESS;
import static org.bytedeco.cuda.global.cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
import static org.bytedeco.cuda.global.cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
import static org.bytedeco.cuda.global.cudart.CU_EVENT_DEFAULT;
import static org.bytedeco.cuda.global.cudart.CU_STREAM_NON_BLOCKING;
import static org.bytedeco.cuda.global.cudart.cuCtxSetCurrent;
import static org.bytedeco.cuda.global.cudart.cuDeviceGet;
import static org.bytedeco.cuda.global.cudart.cuDeviceGetCount;
import static org.bytedeco.cuda.global.cudart.cuDeviceGetName;
import static org.bytedeco.cuda.global.cudart.cuDevicePrimaryCtxRelease;
import static org.bytedeco.cuda.global.cudart.cuDevicePrimaryCtxRetain;
import static org.bytedeco.cuda.global.cudart.cuDriverGetVersion;
import static org.bytedeco.cuda.global.cudart.cuEventCreate;
import static org.bytedeco.cuda.global.cudart.cuEventDestroy;
import static org.bytedeco.cuda.global.cudart.cuEventElapsedTime;
import static org.bytedeco.cuda.global.cudart.cuEventRecord;
import static org.bytedeco.cuda.global.cudart.cuEventSynchronize;
import static org.bytedeco.cuda.global.cudart.cuInit;
import static org.bytedeco.cuda.global.cudart.cuMemcpyDtoDAsync;
import static org.bytedeco.cuda.global.cudart.cuMemcpyDtoHAsync;
import static org.bytedeco.cuda.global.cudart.cuMemcpyHtoDAsync;
import static org.bytedeco.cuda.global.cudart.cuMemsetD32Async;
import static org.bytedeco.cuda.global.cudart.cuStreamCreate;
import static org.bytedeco.cuda.global.cudart.cuStreamDestroy;
import static org.bytedeco.cuda.global.cudart.cuStreamSynchronize;
import static org.bytedeco.cuda.global.nvrtc.nvrtcVersion;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.amend4j.backend.MachineException;
import org.amend4j.internal.backend.Kernels;
import org.amend4j.internal.backend.PlacedEpilogue;
import org.amend4j.internal.backend.PlacedProduct;
import org.amend4j.internal.backend.RecordedWork;
import org.amend4j.internal.cuda.cache.CodeCache;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.DeviceTrial;
import org.amend4j.internal.cuda.device.EpiloguePasses;
import org.amend4j.internal.cuda.device.KernelSignature;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.internal.cuda.device.LaunchShape;
import org.amend4j.internal.cuda.device.LoadedCode;
import org.amend4j.internal.cuda.kernel.CudaKernels;
import org.amend4j.internal.validation.Checks;
import org.bytedeco.cuda.cudart.CUctx_st;
import org.bytedeco.cuda.cudart.CUevent_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.global.cublas;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.cuda.global.nvrtc;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;

/**
 * An NVIDIA card of compute capability 7.5 or higher, through CUDA's driver API, cuBLAS and NVRTC. It shares the card's primary
 * context and works on one stream of its own. Kernels are compiled for this very card, and kept on disk.
 *
 * <p>Where the CUDA libraries are missing the class loads, and {@link #missing} says what is missing.
 */
public final class CudaDevice extends Device {

    private final CudaKernels kernels = new CudaKernels(this);

    private static final int LEAST_MAJOR = 7;
    private static final int LEAST_MINOR = 5;
    private static final int NAME_BYTES = 256;
    private final CodeCache cache;
    /** What is to be given back, last first. */
    private final Deque<Runnable> undo = new ArrayDeque<>();

    private final CUctx_st context = new CUctx_st();
    private final CUstream_st stream = new CUstream_st();
    private final CardMemory memory;
    private final KernelParameters parameters = new KernelParameters();
    private final Blas blas;
    private final BlasLt blasLt;
    private final EpilogueTrial trial;
    private final String name;
    private final int major;
    private final int minor;

    private CudaDevice(int ordinal, CodeCache cache) {
        this.cache = cache;
        undo.push(parameters::close);
        try {
            check(cuInit(0), "cuInit");
            int[] device = new int[1];
            requireCard(ordinal);
            check(cuDeviceGet(device, ordinal), "cuDeviceGet(" + ordinal + ")");
            byte[] text = new byte[NAME_BYTES];
            check(cuDeviceGetName(text, text.length, device[0]), "cuDeviceGetName");
            this.name = zeroTerminated(text);
            this.major = CompiledKernels.attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device[0]);
            this.minor = CompiledKernels.attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, device[0]);
            if (major < LEAST_MAJOR || (major == LEAST_MAJOR && minor < LEAST_MINOR)) {
                throw new MachineException(
                        "compute capability must be >= 7.5, got " + major + "." + minor + " (" + name + ")");
            }
            check(cuDevicePrimaryCtxRetain(context, device[0]), "cuDevicePrimaryCtxRetain");
            undo.push(() -> check(cuDevicePrimaryCtxRelease(device[0]), "cuDevicePrimaryCtxRelease"));
            enter();
            check(cuStreamCreate(stream, CU_STREAM_NON_BLOCKING), "cuStreamCreate");
            undo.push(() -> check(cuStreamDestroy(stream), "cuStreamDestroy"));
            this.memory = new CardMemory(device[0], stream);
            undo.push(memory::close);
            long workspace = allocateBytes(Blas.WORKSPACE_BYTES, "cuBLAS's workspace");
            undo.push(() -> freeBytes(workspace, Blas.WORKSPACE_BYTES));
            this.blas = Blas.on(stream, new DevicePointer(workspace));
            undo.push(blas::close);
            this.blasLt = new BlasLt(stream, new DevicePointer(workspace), Blas.WORKSPACE_BYTES);
            undo.push(blasLt::close);
            this.trial = new EpilogueTrial(this, blasLt::multiply);
        } catch (RuntimeException e) {
            try {
                giveBack();
            } catch (MachineException later) {
                e.addSuppressed(later);
            }
            throw e;
        }
    }

    /**
     * What keeps this class from working here, in one sentence; empty if nothing does. Looked up once. Where the libraries load,
     * another process uses them first, on the first card, or on the one that was opened before this was asked, which takes a second or
     * two: if they end it, they would have ended this one.
     */
    public static Optional<String> missing() {
        return missing(0);
    }

    private static Optional<String> missing(int card) {
        Libraries.card.compareAndSet(Libraries.NONE, card);
        return Libraries.Found.MISSING;
    }

    private static void requireCard(int ordinal) {
        int[] count = new int[1];
        check(cuDeviceGetCount(count), "cuDeviceGetCount");
        if (ordinal >= count[0]) {
            throw new MachineException("there is no card " + ordinal + ", CUDA finds "
                    + (count[0] == 0 ? "none" : count[0] == 1 ? "1, number 0" : count[0] + ", from 0 on")
                    + " (nvidia-smi -L lists the machine's, CUDA_VISIBLE_DEVICES hides some)");
        }
    }

    /** The attempt to load the three libraries, made when it is first asked for. */
    private static final class Libraries {

        static final int NONE = -1;

        /** The first that was asked for: others are not touched. */
        static final AtomicInteger card = new AtomicInteger(NONE);

        /** Once. */
        private static final class Found {
            static final Optional<String> MISSING = load();
        }

        private static Optional<String> load() {
            try {
                Loader.load(cudart.class);
                Loader.load(cublas.class);
                Loader.load(nvrtc.class);
                // They are linked now, but a function that one of them lacks is noticed only when it is called.
                Optional<String> fatal = TrialProcess.failure(card.get());
                if (fatal.isPresent()) {
                    return fatal;
                }
                int status = cuInit(0);
                cublasGetStatusString(CUBLAS_STATUS_SUCCESS);
                int[] toolkit = new int[1];
                checkCompiler(nvrtcVersion(toolkit, new int[1]), "nvrtcVersion");
                if (status != CUDA_SUCCESS) {
                    return Optional.of("CUDA is not usable: cuInit says " + errorText(status) + ".");
                }
                int[] driver = new int[1];
                check(cuDriverGetVersion(driver), "cuDriverGetVersion");
                return tooOld(driver[0], toolkit[0]);
            } catch (LinkageError e) {
                return Optional.of(LoadFailure.sentence(e));
            } catch (MachineException e) {
                return Optional.of("CUDA is not usable: " + e.getMessage() + ".");
            }
        }
    }

    /**
     * In a sentence, if the driver is older than the libraries.
     *
     * @param driver what it supports, 12040 for CUDA 12.4
     * @param toolkit the libraries' generation, 13 for CUDA 13.1
     */
    static Optional<String> tooOld(int driver, int toolkit) {
        int major = driver / 1000;
        return major >= toolkit
                ? Optional.empty()
                : Optional.of("CUDA is not usable: the NVIDIA driver supports CUDA " + major + "." + driver % 1000 / 10
                        + ", and the libraries need one for CUDA " + toolkit + ".");
    }

    /**
     * Opens a card.
     *
     * @param ordinal which, in [0, number of cards)
     * @param cache where compiled kernels are kept
     * @throws MachineException if libraries are missing, the environment has cuBLAS compute in another precision than it is asked to,
     *     there is no such card, or it is older than 7.5
     */
    public static CudaDevice open(int ordinal, CodeCache cache) {
        Checks.atLeast(0, "ordinal", ordinal);
        missing(ordinal).or(() -> ProductOverrides.refusal(System.getenv())).ifPresent(sentence -> {
            throw new MachineException(sentence);
        });
        return new CudaDevice(ordinal, cache);
    }

    /**
     * As {@link #open}, and tries whether it works.
     *
     * @throws MachineException if it does not, too
     */
    public static CudaDevice openTried(int ordinal, CodeCache cache) {
        CudaDevice device = open(ordinal, cache);
        try {
            DeviceTrial.of(device);
            return device;
        } catch (MachineException e) {
            MachineException told = new MachineException(device.name() + " does not work here: " + e.getMessage(), e);
            try {
                device.close();
            } catch (MachineException later) {
                told.addSuppressed(later);
            }
            throw told;
        }
    }

    @Override
    public Kernels kernels() {
        return kernels;
    }

    @Override
    protected EpiloguePasses epilogues() {
        return kernels.epilogues();
    }

    @Override
    public String name() {
        return name + " (compute capability " + major + "." + minor + ")";
    }

    @Override
    public int architecture() {
        return 10 * major + minor;
    }

    @Override
    protected long allocateBytes(long bytes, String description) {
        enter();
        return memory.allocate(bytes, description);
    }

    @Override
    protected long allocateBytesBriefly(long bytes, String description) {
        enter();
        return memory.allocateBriefly(bytes, description);
    }

    @Override
    protected void freeBytes(long address, long bytes) {
        enter();
        memory.free(address);
    }

    @Override
    protected void copyIn(ByteBuffer from, long address, long bytes) {
        enter();
        try (Pointer host = new Pointer(from.duplicate().clear())) {
            check(cuMemcpyHtoDAsync(address, host, bytes, stream), "cuMemcpyHtoDAsync");
            await(); // the buffer is used again
        }
    }

    @Override
    protected void copyOut(long address, ByteBuffer to, long bytes) {
        enter();
        try (Pointer host = new Pointer(to.duplicate().clear())) {
            check(cuMemcpyDtoHAsync(host, address, bytes, stream), "cuMemcpyDtoHAsync");
            await();
        }
    }

    @Override
    protected void copyWithin(long from, long to, long bytes) {
        enter();
        check(cuMemcpyDtoDAsync(to, from, bytes, stream), "cuMemcpyDtoDAsync");
    }

    @Override
    protected void fillWords(long address, int bits, long words) {
        enter();
        check(cuMemsetD32Async(address, bits, words, stream), "cuMemsetD32Async");
    }

    @Override
    protected void multiplyColumns(PlacedProduct product) {
        enter();
        blas.multiply(product);
    }

    /** Where cuBLASLt has an algorithm, and does as we say. */
    @Override
    protected boolean multiplyAtOnce(PlacedProduct product, PlacedEpilogue epilogue) {
        enter();
        if (isRecording() && !trial.isKnown(product, epilogue)) {
            return false;
        }
        return trial.isRight(product, epilogue) && blasLt.multiply(product, epilogue);
    }

    @Override
    protected LoadedCode loadCode(KernelSource source) {
        enter();
        return new CudaCode(CompiledKernels.load(source, new Capability(major, minor), cache, parameters));
    }

    /** A module in the card's memory. */
    private final class CudaCode implements LoadedCode {

        private final CompiledKernels kernels;

        CudaCode(CompiledKernels kernels) {
            this.kernels = kernels;
        }

        @Override
        public void launch(KernelSignature kernel, LaunchShape shape, long[] arguments) {
            enter();
            kernels.launch(kernel.name(), shape, stream, arguments);
        }

        @Override
        public void unload() {
            enter();
            kernels.unload();
        }
    }

    @Override
    protected void await() {
        enter();
        check(cuStreamSynchronize(stream), "cuStreamSynchronize");
    }

    @Override
    protected double measure(Runnable work) {
        enter();
        CUevent_st start = new CUevent_st();
        CUevent_st end = new CUevent_st();
        check(cuEventCreate(start, CU_EVENT_DEFAULT), "cuEventCreate");
        try {
            check(cuEventCreate(end, CU_EVENT_DEFAULT), "cuEventCreate");
            try {
                check(cuEventRecord(start, stream), "cuEventRecord");
                work.run();
                check(cuEventRecord(end, stream), "cuEventRecord");
                check(cuEventSynchronize(end), "cuEventSynchronize");
                float[] milliseconds = new float[1];
                check(cuEventElapsedTime(milliseconds, start, end), "cuEventElapsedTime");
                return milliseconds[0];
            } finally {
                check(cuEventDestroy(end), "cuEventDestroy");
            }
        } finally {
            check(cuEventDestroy(start), "cuEventDestroy");
        }
    }

    @Override
    protected RecordedWork note(Runnable work) {
        enter();
        return CapturedWork.of(stream, this::enter, work);
    }

    @Override
    protected void closeDevice() {
        try {
            await();
        } finally {
            giveBack();
        }
    }

    /** All of it, whatever fails on the way. */
    private void giveBack() {
        if (!undo.isEmpty()) {
            try {
                undo.pop().run();
            } finally {
                giveBack();
            }
        }
    }

    /** Contexts are a matter of threads, and the caller may be another one than before. */
    private void enter() {
        check(cuCtxSetCurrent(context), "cuCtxSetCurrent");
    }

    static String zeroTerminated(byte[] text) {
        int length = 0;
        while (length < text.length && text[length] != 0) {
            length++;
        }
        return new String(text, 0, length, StandardCharsets.UTF_8);
    }
}
