/**
 * What rows that Spark reads are to mean: which columns are ids, subjects, features and labels, of tables and of pictures. Knows rows
 * only, not where they come from nor where records go ({@link org.amend4j.spark.BlockImport}).
 */
@NullMarked
package org.amend4j.spark.data;

import org.jspecify.annotations.NullMarked;
