/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.amend4j.policy.Policy;

/**
 * Several workers that share nothing but bytes with whoever asks. The last one plays first.
 *
 * @param task makes one for each worker
 * @param policy makes one for each worker, of the same function
 * @param workers batch i is played by worker i modulo this
 * @param inOrder whether results are put where their numbers are, as they must be; else they stay in the order of arrival
 */
public record Elsewhere(Supplier<Task> task, Supplier<Policy> policy, int workers, boolean inOrder)
        implements Rollouts {

    @Override
    public <R extends Serializable> List<R> play(
            String occasion, EnvironmentPool here, Policy teacher, List<? extends Batch<R>> batches) {
        TreeMap<Integer, R> byNumber = new TreeMap<>();
        List<R> byArrival = new ArrayList<>();
        for (int worker = workers - 1; worker >= 0; worker--) {
            Policy own = policy.get();
            own.setParameters(teacher.parameters());
            own.encoder().setStatistics(teacher.encoder().statistics());
            try (EnvironmentPool player = new EnvironmentPool(task.get())) {
                for (int i = worker; i < batches.size(); i += workers) {
                    R result = sent(sent(batches.get(i)).play(player, own));
                    byNumber.put(i, result);
                    byArrival.add(result);
                }
            }
        }
        return inOrder ? List.copyOf(byNumber.values()) : byArrival;
    }

    @SuppressWarnings("unchecked")
    private static <T> T sent(T thing) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
                out.writeObject(thing);
            }
            return (T) new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }
}
