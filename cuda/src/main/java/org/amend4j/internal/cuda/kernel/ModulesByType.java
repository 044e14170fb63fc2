/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import java.util.EnumMap;
import java.util.Map;
import java.util.function.Function;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.KernelModule;
import org.amend4j.internal.cuda.device.KernelSource;

/** One source compiled for rows of floats, and for rows of bfloat16 numbers when such are first met. */
final class ModulesByType {

    private final Device device;
    private final Function<ElementType, KernelSource> source;
    private final Map<ElementType, KernelModule> modules = new EnumMap<>(ElementType.class);

    private ModulesByType(Device device, Function<ElementType, KernelSource> source) {
        this.device = device;
        this.source = source;
    }

    /** A source among this module's resources. */
    static ModulesByType of(Device device, String name) {
        ModulesByType modules = new ModulesByType(device, type -> KernelSource.resource(name, type));
        modules.module(ElementType.FLOAT);
        return modules;
    }

    /** A source that is whatever its rows are. */
    static ModulesByType only(Device device, KernelSource source) {
        ModulesByType modules = new ModulesByType(device, unused -> source);
        modules.module(ElementType.FLOAT);
        return modules;
    }

    /** That for some rows; whether the others of a call are of their type is seen when it is launched. */
    KernelModule of(MatrixView rows) {
        return of(rows.array());
    }

    KernelModule of(MachineArray rows) {
        return module(rows.type());
    }

    private KernelModule module(ElementType type) {
        return modules.computeIfAbsent(type, wanted -> device.load(source.apply(wanted)));
    }
}
