/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.testkit;

import java.util.ServiceLoader;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.cpu.HostMachine;

/**
 * The machine that laws of plans are tried on: the host, or what a module that has other machines provides; with {@code
 * -Damend4j.device=host} the host all the same.
 */
public final class LawMachines {

    private LawMachines() {}

    /** Other machines for the same tests. */
    public interface Provider {

        /** One for many runs. */
        Machine plain();

        /** One that looks at every kernel more closely, if there is such a one. */
        Machine checking();
    }

    /** One for many runs. */
    public static Machine plain() {
        return isHost() ? HostMachine.open(2) : other().plain();
    }

    /** One that looks at every kernel more closely, if there is such a one. */
    public static Machine checking() {
        return isHost() ? HostMachine.open(2) : other().checking();
    }

    /** Whether it is the host. */
    public static boolean isHost() {
        return "host".equals(System.getProperty("amend4j.device"))
                || ServiceLoader.load(Provider.class).findFirst().isEmpty();
    }

    private static Provider other() {
        return ServiceLoader.load(Provider.class).findFirst().orElseThrow();
    }
}
