/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which card a task has where there is none, or no number of one; CardsOnClusterTest is about where there are some. */
class TaskCardTest {

    private static final String OF_EXECUTOR = "spark.executor.resource.gpu.amount";
    private static final String OF_TASK = "spark.task.resource.gpu.amount";

    @Test
    void an_address_is_a_number() {
        assertEquals(0, TaskCard.ordinal("0"));
        assertEquals(15, TaskCard.ordinal("15"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"GPU-8f3e", "MIG-1", "", "-1", "01", "0,1"})
    void another_address_is_refused(String address) {
        refused(
                "a card's address must be its number, as nvidia-smi lists them from 0 on, got '" + address + "'",
                () -> TaskCard.ordinal(address));
    }

    @Test
    void a_cluster_that_assigns_no_cards_is_refused_with_the_setting_that_is_missing() {
        SparkConf conf = new SparkConf(false);
        refused("got no " + OF_EXECUTOR, () -> TaskCard.requireAssigned(conf));
        conf.set(OF_EXECUTOR, "1");
        refused("got no " + OF_TASK, () -> TaskCard.requireAssigned(conf));
        conf.set(OF_TASK, "0.5");
        assertDoesNotThrow(() -> TaskCard.requireAssigned(conf));
    }

    @Test
    void who_is_no_task_has_no_card() {
        refused("this is none", TaskCard::ordinal);
    }

    @Test
    void a_task_without_a_card_says_so() {
        try (JavaSparkContext context = LocalSpark.context("cards")) {
            SparkTasks tasks = new SparkTasks(context, 2);
            refused(
                    "a task must have one card (" + OF_TASK + "=1), got none",
                    () -> tasks.run("cards", "", List.of(1, 2), number -> TaskCard.ordinal()));
        }
    }
}
