/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.util.Arrays;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;

/**
 * The card that Spark has assigned to a task. A worker finds the cards of its machine by a script, gives each executor its own, and an executor
 * gives them to its tasks: so every card has one process, and who shares a machine does not share a card.
 */
public final class TaskCard {

    private static final String RESOURCE = "gpu";
    private static final String OF_TASK = "spark.task.resource." + RESOURCE + ".amount";
    private static final String OF_EXECUTOR = "spark.executor.resource." + RESOURCE + ".amount";
    private static final Pattern NUMBER = Pattern.compile("0|[1-9][0-9]{0,3}");

    private TaskCard() {}

    /**
     * Looks whether Spark will assign cards, before any task is there.
     *
     * @throws IllegalArgumentException if it will not, with the settings that are missing
     */
    public static void requireAssigned(SparkConf conf) {
        for (String setting : new String[] {OF_EXECUTOR, OF_TASK}) {
            if (conf.getDouble(setting, 0) <= 0) {
                throw new IllegalArgumentException("cards of a cluster are assigned by Spark, and executors must have"
                        + " them: " + OF_EXECUTOR + "=1, " + OF_TASK
                        + "=1 and a discovery script on the workers, got no "
                        + setting);
            }
        }
    }

    /**
     * The number of this thread's task's card, as the script has it: from 0, in the order of {@code nvidia-smi -L}.
     *
     * @throws IllegalArgumentException if this is no task, or Spark has assigned to it no card, several, or one without a number
     */
    public static int ordinal() {
        TaskContext task = TaskContext.get();
        if (task == null) {
            throw new IllegalArgumentException("only a task of Spark's has a card, and this is none");
        }
        ResourceInformation cards = task.resourcesJMap().get(RESOURCE);
        String[] addresses = cards == null ? new String[0] : cards.addresses();
        if (addresses.length != 1) {
            throw new IllegalArgumentException("a task must have one card (" + OF_TASK + "=1), got "
                    + (addresses.length == 0 ? "none" : Arrays.toString(addresses)));
        }
        return ordinal(addresses[0]);
    }

    static int ordinal(String address) {
        if (!NUMBER.matcher(address).matches()) {
            throw new IllegalArgumentException(
                    "a card's address must be its number, as nvidia-smi lists them from 0 on, got '" + address
                            + "': the discovery script decides");
        }
        return Integer.parseInt(address);
    }
}
