/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.driver;

import static org.bytedeco.cuda.global.cudart.CUDA_SUCCESS;
import static org.bytedeco.cuda.global.cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
import static org.bytedeco.cuda.global.cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
import static org.bytedeco.cuda.global.cudart.cuDeviceGet;
import static org.bytedeco.cuda.global.cudart.cuDeviceGetAttribute;
import static org.bytedeco.cuda.global.cudart.cuDeviceGetCount;
import static org.bytedeco.cuda.global.cudart.cuDeviceGetName;
import static org.bytedeco.cuda.global.cudart.cuDeviceTotalMem;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amend4j.backend.MachineException;
import org.amend4j.internal.cuda.cache.CodeCache;
import org.bytedeco.javacpp.SizeTPointer;

/** Determines what this machine has for computing on a card. Works without a card, a driver or the CUDA libraries. */
public final class GpuProbe {

    /** What the JNI libraries of the CUDA 13.1 presets are linked with. */
    private static final List<String> LIBRARIES =
            List.of("libcuda.so.1", "libcudart.so.13", "libcublas.so.13", "libcublasLt.so.13", "libnvrtc.so.13");

    private static final String ND4J_CUDA_BACKEND = "org/nd4j/linalg/jcublas/JCublasBackend.class";

    private GpuProbe() {}

    /** The report; never throws, and survives libraries that end the process that uses them. */
    public static GpuReport probe() {
        boolean nd4jCuda = GpuProbe.class.getClassLoader().getResource(ND4J_CUDA_BACKEND) != null;
        return probe(SystemFiles.ofThisMachine(), nd4jCuda, CudaDevice.missing().or(GpuProbe::failureOfFirstCard));
    }

    private static Optional<String> failureOfFirstCard() {
        if (FirstCard.ask().isEmpty()) {
            return Optional.empty();
        }
        try {
            CudaDevice.openTried(0, CodeCache.ofUser()).close();
            return Optional.empty();
        } catch (MachineException e) {
            return Optional.of(e.getMessage() + ".");
        }
    }

    /**
     * The report on given facts.
     *
     * @param failure what {@link CudaDevice#missing} says, or how the card failed when it was tried
     */
    static GpuReport probe(SystemFiles files, boolean nd4jCuda, Optional<String> failure) {
        List<String> missing = new ArrayList<>();
        Optional<FirstCard> card = CudaDevice.missing().isEmpty() ? FirstCard.ask() : Optional.empty();
        Optional<String> driver = files.driverVersion();
        if (driver.isEmpty() && card.isEmpty()) {
            missing.add("There is no NVIDIA driver (" + files.proc().resolve("version") + ").");
        }
        if (failure.isPresent()) {
            missing.add(failure.get());
            for (String library : LIBRARIES) {
                if (!files.hasLibrary(library) && !failure.get().contains(library)) {
                    missing.add(library + " is in none of the usual folders, nor in LD_LIBRARY_PATH.");
                }
            }
        } else if (card.isEmpty()) {
            missing.add("CUDA finds no card.");
        }
        Optional<Capability> capability = card.map(FirstCard::capability);
        if (capability.isPresent() && capability.get().compareTo(Capability.LEAST) < 0) {
            missing.add("The card's compute capability must be >= " + Capability.LEAST + ", it is " + capability.get()
                    + ".");
        }
        List<String> models = files.models();
        return new GpuReport(
                driver,
                models.isEmpty() ? card.map(FirstCard::name).stream().toList() : models,
                capability,
                card.map(FirstCard::memoryBytes).orElse(0L),
                PathChoice.of(capability, nd4jCuda, failure.isEmpty()),
                missing);
    }

    private record FirstCard(String name, Capability capability, long memoryBytes) {

        private static final int NAME_BYTES = 256;

        /** Asks CUDA, whose libraries work; empty if there is no card or it does not answer. */
        static Optional<FirstCard> ask() {
            int[] count = new int[1];
            int[] device = new int[1];
            int[] major = new int[1];
            int[] minor = new int[1];
            byte[] name = new byte[NAME_BYTES];
            try (SizeTPointer bytes = new SizeTPointer(1)) {
                boolean answered = cuDeviceGetCount(count) == CUDA_SUCCESS
                        && count[0] > 0
                        && cuDeviceGet(device, 0) == CUDA_SUCCESS
                        && cuDeviceGetAttribute(major, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device[0])
                                == CUDA_SUCCESS
                        && cuDeviceGetAttribute(minor, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, device[0])
                                == CUDA_SUCCESS
                        && cuDeviceGetName(name, name.length, device[0]) == CUDA_SUCCESS
                        && cuDeviceTotalMem(bytes, device[0]) == CUDA_SUCCESS;
                return answered
                        ? Optional.of(new FirstCard(
                                CudaDevice.zeroTerminated(name), new Capability(major[0], minor[0]), bytes.get()))
                        : Optional.empty();
            }
        }
    }
}
