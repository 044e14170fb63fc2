/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.cost;

import java.util.ArrayList;
import java.util.List;
import org.amend4j.cuda.EmulatedDevices;
import org.amend4j.internal.cuda.cache.CodeCache;
import org.amend4j.internal.cuda.device.Argument;
import org.amend4j.internal.cuda.device.KernelSignature;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.internal.cuda.device.LaunchShape;
import org.amend4j.internal.cuda.device.LoadedCode;
import org.amend4j.internal.cuda.device.ScarceDevice;
import org.amend4j.internal.cuda.emulated.EmulatedDevice;
import org.amend4j.internal.cuda.emulated.Touched;

/** The emulated device, noting of every launch what is counted for it and what it touched. Nothing may be recorded. */
final class AuditedDevice extends ScarceDevice {

    /**
     * A launch.
     *
     * @param counted by the rules
     * @param touched by the compiled kernel
     */
    record Audit(String kernel, Traffic counted, Traffic touched) {}

    private final List<Touched> touched;
    private final List<Audit> audits = new ArrayList<>();

    private AuditedDevice(List<Touched> touched) {
        super(EmulatedDevice.watching(CodeCache.ofUser(), touched::add), Integer.MAX_VALUE);
        this.touched = touched;
    }

    static AuditedDevice open() {
        EmulatedDevices.require();
        return new AuditedDevice(new ArrayList<>());
    }

    /** All launches so far. */
    List<Audit> audits() {
        return audits;
    }

    @Override
    protected LoadedCode loadCode(KernelSource source) {
        LoadedCode code = super.loadCode(source);
        return new LoadedCode() {
            @Override
            public void launch(KernelSignature kernel, LaunchShape shape, long[] arguments) {
                throw new AssertionError("arrays are given");
            }

            @Override
            public void launch(KernelSignature kernel, LaunchShape shape, long[] bits, List<Argument> arguments) {
                Traffic counted = KernelTraffic.of(new KernelLaunch(kernel, bits, arguments));
                code.launch(kernel, shape, bits);
                Touched last = touched.get(touched.size() - 1);
                audits.add(new Audit(kernel.name(), counted, new Traffic(last.read(), last.written())));
            }

            @Override
            public void unload() {
                code.unload();
            }
        };
    }
}
