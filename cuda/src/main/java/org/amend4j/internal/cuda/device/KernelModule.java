/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.device;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.MachineException;

/** The kernels of one source on one device. The device owns it and unloads it when it is closed. */
public final class KernelModule {

    private final Device device;
    private final LoadedCode code;
    private final Map<String, KernelSignature> kernels = new HashMap<>();

    KernelModule(Device device, KernelSource source, LoadedCode code) {
        this.device = device;
        this.code = code;
        for (KernelSignature kernel : source.kernels()) {
            kernels.put(kernel.name(), kernel);
        }
    }

    /**
     * Starts a kernel. Work on a device happens in the order it was asked for; a result is there when it is downloaded.
     *
     * @throws IllegalArgumentException if there is no such kernel, or the arguments are not of its parameters' types and on this
     *     device
     * @throws MachineException if the device refuses
     */
    public void launch(String name, LaunchShape shape, Argument... arguments) {
        device.requireOpen();
        KernelSignature kernel = kernels.get(name);
        if (kernel == null) {
            throw new IllegalArgumentException("no kernel '" + name + "', there are " + kernels.keySet());
        }
        List<Parameter> parameters = kernel.parameters();
        if (arguments.length != parameters.size()) {
            throw new IllegalArgumentException(
                    "kernel '" + name + "' takes " + parameters.size() + " arguments, got " + arguments.length);
        }
        long[] bits = new long[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            bits[i] = bits(name, parameters.get(i), arguments[i]);
        }
        code.launch(kernel, shape, bits, List.of(arguments));
    }

    void unload() {
        code.unload();
    }

    private long bits(String kernel, Parameter parameter, Argument argument) {
        Parameter.Kind kind = parameter.kind();
        if (argument instanceof Argument.In in) {
            check(kind == readKind(in.array().type()), kernel, parameter, argument);
            return device.address(in.array());
        } else if (argument instanceof Argument.Out out) {
            check(kind == writtenKind(out.array().type()), kernel, parameter, argument);
            return device.address(out.array());
        } else if (argument instanceof Argument.Absent) {
            check(kind.isPointer(), kernel, parameter, argument);
            return 0;
        } else if (argument instanceof Argument.IntValue value) {
            check(kind == Parameter.Kind.INT, kernel, parameter, argument);
            return value.value();
        } else if (argument instanceof Argument.LongValue value) {
            check(kind == Parameter.Kind.LONG, kernel, parameter, argument);
            return value.value();
        } else if (argument instanceof Argument.FloatValue value) {
            check(kind == Parameter.Kind.FLOAT, kernel, parameter, argument);
            return Integer.toUnsignedLong(Float.floatToRawIntBits(value.value()));
        }
        throw new AssertionError(argument);
    }

    private static Parameter.Kind readKind(ElementType type) {
        return switch (type) {
            case FLOAT -> Parameter.Kind.FLOATS_READ;
            case INT -> Parameter.Kind.INTS_READ;
            case BFLOAT16 -> Parameter.Kind.HALVES_READ;
            case DOUBLE -> throw noDoubles();
        };
    }

    private static Parameter.Kind writtenKind(ElementType type) {
        return switch (type) {
            case FLOAT -> Parameter.Kind.FLOATS_WRITTEN;
            case INT -> Parameter.Kind.INTS_WRITTEN;
            case BFLOAT16 -> Parameter.Kind.HALVES_WRITTEN;
            case DOUBLE -> throw noDoubles();
        };
    }

    private static IllegalArgumentException noDoubles() {
        return new IllegalArgumentException("kernels take floats, bfloat16 numbers and ints, got DOUBLE");
    }

    private static void check(boolean fits, String kernel, Parameter parameter, Argument argument) {
        if (!fits) {
            throw new IllegalArgumentException("parameter '" + parameter.name() + "' of kernel '" + kernel + "' is "
                    + parameter.kind().spelling() + ", got " + argument);
        }
    }
}
