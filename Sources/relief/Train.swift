public import ArgumentParser
import DepthModels
import Foundation
public import Learning
import Scenes
import Tensors

/// `relief train …`: from pairs of image and DEM to a bundle.
struct Train: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Trains the networks of D3-RSMDE on pairs of image and DEM, and makes a bundle of them.",
    discussion: """
      One configuration says everything: pairs, networks, losses, rates, what the bundle will say of itself. `relief train \
      preset small` writes one to begin with. All that comes about lies in one folder: checkpoints, logs (CSV), a page with \
      curves and pictures (index.html), in the end the bundle. The same command goes on after any interruption, and ends \
      with the same bits.

      With crossFitting the coarse network is trained several times: each fold's network has not seen the pairs whose maps it \
      makes for the refiner; the last one learns from all. Only pairs with the split train are learned from; those with validation say when \
      rates fall and which weights are kept.

      Examples:
        relief pairs split pairs.csv split.csv --by site
        relief train preset small > training.json     (then: data.pairs, card)
        relief train all training.json run
        relief infer scene.tif --model run/bundle
      """,
    subcommands: [
      TrainAll.self, TrainCoarse.self, TrainAutoencoder.self, TrainRefiner.self, TrainTiles.self,
      TrainPreset.self,
    ])
}

/// What all trainings are told.
struct TrainingArguments: ParsableArguments {
  @Argument(help: ArgumentHelp("The configuration, JSON.", valueName: "configuration"))
  var path: String

  @Argument(help: "What comes about; made if need be.")
  var folder: String

  @Option(help: "Threads; the bits do not hang on them. Default: all processors.")
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "Samples of a batch that are learned from side by side, each on its part of the threads: more keep threads busier, "
        + "and take their memory each. The bits do not hang on it.", valueName: "samples"))
  var atOnce = 2

  @Option(help: "How progress is shown: auto, plain, json or none.")
  var progress: ProgressStyle = .auto

  func validate() throws {
    try Limits.threads.check("--threads", threads)
    try Limits.threads.check("--at-once", atOnce)
  }

  /// Does a part of a run; a signal ends it after a checkpoint.
  func run<Value: Sendable>(
    _ body: @escaping @Sendable (TrainingRun) async throws -> Value
  ) async throws -> Value {
    try FileNames.requireWritable(folder)
    let printer = TrainingPrinter(progress)
    let workers = threads ?? ProcessLimits().processors
    let work = Task {
      try await Parallel.$workers.withValue(workers) {
        let run = try await TrainingRun(
          configuration: path, folder: folder, samplesAtOnce: atOnce
        ) { printer.update($0) }
        return try await body(run)
      }
    }
    return try await Interruption.cancelling(work)
  }
}

/// `relief train all`.
struct TrainAll: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "all", abstract: "Every network that is not trained yet, and the bundle.")

  @OptionGroup var arguments: TrainingArguments

  func run() async throws {
    let bundle = try await arguments.run { try await $0.all().directory }
    Console.output(bundle)
  }
}

/// `relief train coarse`.
struct TrainCoarse: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "coarse", abstract: "The coarse network of all pairs, or of all folds but one.")

  @OptionGroup var arguments: TrainingArguments

  @Option(help: ArgumentHelp("The fold that it does not see, from 1.", valueName: "number"))
  var fold: Int?

  func run() async throws {
    let fold = fold
    try await arguments.run { try await $0.coarse(fold.map { .without(fold: $0) } ?? .all) }
  }
}

/// `relief train autoencoder`.
struct TrainAutoencoder: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "autoencoder", abstract: "The autoencoder in whose latents the refiner works.")

  @OptionGroup var arguments: TrainingArguments

  func run() async throws { try await arguments.run { try await $0.autoencoder() } }
}

/// `relief train refiner`.
struct TrainRefiner: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "refiner", abstract: "The refining network, once the others are trained.")

  @OptionGroup var arguments: TrainingArguments

  func run() async throws { try await arguments.run { try await $0.refiner() } }
}

/// `relief train tiles`.
struct TrainTiles: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tiles",
    abstract: "Writes the tiles that networks learn from, for a training elsewhere.",
    discussion: """
      Image and heights of each tile, as networks see them, for Examples/train-gpu: a computer with a card needs nothing \
      else of the pairs.
      """)

  @OptionGroup var arguments: TrainingArguments

  func run() async throws {
    Console.output(try await arguments.run { try await $0.writeTiles() })
  }
}

/// `relief train preset`.
struct TrainPreset: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "preset",
    abstract: "Writes a configuration to begin with to standard output.",
    discussion: """
      small  small networks, two folds
      jk, sa, med, ast, swi
             the paper's, for RS3DBench's areas: batches, rates and epochs as its programs have them, five folds; they need \
             weights of the backbone and the autoencoder to start from (the keys start) and a computer with more cores, or Examples/train-gpu
      """)

  @Argument(help: "small, jk, sa, med, ast or swi.")
  var name: TrainingPreset

  func run() throws {
    Console.output(String(decoding: try name.configuration.json, as: UTF8.self))
  }
}

extension TrainingPreset: ExpressibleByArgument {}
