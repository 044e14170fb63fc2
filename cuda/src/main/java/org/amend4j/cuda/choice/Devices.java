/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.choice;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.amend4j.backend.MachineException;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.internal.cuda.cache.CodeCache;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.driver.CudaDevice;
import org.amend4j.internal.cuda.emulated.EmulatedDevice;
import org.amend4j.internal.validation.Checks;

/** Opens the requested machine. Compiled kernels are kept in the user's cache. */
public final class Devices {

    private Devices() {}

    /** The choices that a user has. */
    public enum Choice {
        /** A card if there is one that can be used, else the CPU. */
        AUTO,
        /** The CPU, all of its cores. */
        CPU,
        /** A card, the first unless another is asked for, or a refusal. */
        CUDA,
        /** The device that imitates a card on the CPU; for tests: slow. */
        EMULATED
    }

    /**
     * What a user asked for.
     *
     * @param card the number of the card, from 0 in CUDA's order; of other choices 0
     */
    public record Wanted(Choice choice, int card) implements Serializable {

        private static final Pattern CARD = Pattern.compile("cuda:(0|[1-9][0-9]{0,3})");

        public Wanted {
            Checks.atLeast(0, "card", card);
            if (card > 0 && choice != Choice.CUDA) {
                throw new IllegalArgumentException("cards have numbers, got " + card + " with " + choice);
            }
        }

        /** A choice without a number. */
        public static Wanted of(Choice choice) {
            return new Wanted(choice, 0);
        }

        /**
         * Reads what {@link #toString} writes, in any case.
         *
         * @throws IllegalArgumentException if it is something else, with what it can be
         */
        public static Wanted of(String written) {
            String lower = written.toLowerCase(Locale.ROOT);
            Matcher card = CARD.matcher(lower);
            if (card.matches()) {
                return new Wanted(Choice.CUDA, Integer.parseInt(card.group(1)));
            }
            return Arrays.stream(Choice.values())
                    .filter(choice -> choice.name().toLowerCase(Locale.ROOT).equals(lower))
                    .map(Wanted::of)
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "expected auto, cpu, cuda, cuda:N (N from 0) or emulated, got '" + written + "'"));
        }

        @Override
        public String toString() {
            return choice.name().toLowerCase(Locale.ROOT) + (card > 0 ? ":" + card : "");
        }
    }

    /**
     * The machine that was chosen. The caller closes it.
     *
     * @param sentence which one it is and why, for people
     */
    public record Chosen(Machine machine, String sentence) implements AutoCloseable {

        /** The machine, if it is a device and not the CPU. */
        public Optional<Device> device() {
            return machine instanceof Device device ? Optional.of(device) : Optional.empty();
        }

        @Override
        public void close() {
            machine.close();
        }
    }

    /**
     * Opens a machine. {@link Choice#AUTO} and {@link Choice#CPU} never fail where ND4J runs.
     *
     * @throws MachineException if {@link Choice#CUDA} or {@link Choice#EMULATED} is not to be had here, with what is missing
     */
    public static Chosen open(Wanted wanted) {
        return open(
                wanted.choice(),
                () -> CudaDevice.openTried(wanted.card(), CodeCache.ofUser()),
                () -> EmulatedDevice.open(CodeCache.ofUser()));
    }

    /** As {@link #open(Wanted)}, with given ways to open a card and its imitation. */
    static Chosen open(Choice choice, Supplier<? extends Device> card, Supplier<? extends Device> imitation) {
        return switch (choice) {
            case AUTO -> cardIfThereIsOne(card);
            case CPU -> cpu("The CPU, as asked.");
            case CUDA -> chosen(card.get(), "as asked");
            case EMULATED -> chosen(imitation.get(), "as asked; for tests, its times say nothing");
        };
    }

    /** The CPU, all of its cores. */
    public static Chosen cpu(String sentence) {
        return new Chosen(HostMachine.open(), sentence);
    }

    private static Chosen cardIfThereIsOne(Supplier<? extends Device> card) {
        try {
            return chosen(card.get(), "the card that is there");
        } catch (MachineException none) {
            return cpu("The CPU. " + none.getMessage());
        }
    }

    private static Chosen chosen(Device device, String why) {
        return new Chosen(device, device.name() + ", " + why + ".");
    }
}
