/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.driver;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.amend4j.backend.MachineException;
import org.amend4j.cuda.choice.Devices;
import org.amend4j.cuda.standin.StandIn;
import org.amend4j.internal.cuda.cache.CodeCache;

/** Says what the probe finds and which devices can be opened, with the stand-in for CUDA, for {@link MissingFunctionTest}. */
final class ProbeMain {

    private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);

    private ProbeMain() {}

    public static void main(String[] arguments) throws IOException {
        StandIn.load();
        GpuReport report = GpuProbe.probe();
        tell("way", report.way().name());
        for (String sentence : report.missing()) {
            tell("missing", sentence);
        }
        try (Devices.Chosen chosen = Devices.open(Devices.Wanted.of(Devices.Choice.AUTO))) {
            tell("auto", chosen.sentence());
        }
        try {
            CudaDevice.open(0, CodeCache.ofUser()).close();
        } catch (MachineException refused) {
            tell("cuda", refused.getMessage());
        }
    }

    private static void tell(String what, String text) throws IOException {
        OUT.write((what + " " + text + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
