import ArgumentParser
import Scenes

/// `relief`: whole scenes in, georeferenced height rasters out.
struct Relief: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Turns whole satellite and aerial scenes into georeferenced height rasters.",
    discussion: """
      Start with:
        relief infer SCENE DEM.tif      the main job
        relief info SCENE               what the scene is and what would be done
        relief status DEM.tif           how far is it?
        relief audit DEM.tif            can its tiles be seen?
        relief audit SCENE DEM.tif --invariance
                                        what hangs on where they lie?
        relief render DEM IMAGE.tif     the image of a DEM, for tests and training
        relief pairs doctor LIST        what is wrong with pairs of image and DEM?
        relief train all CONFIG FOLDER  a bundle of your own, from pairs of image and DEM
        relief doctor                   is everything here that is needed?

      Exit codes: 0 done · 1 a check that was asked for failed · 2 usage · 65 bad data · 66 no \
      input · 69 a resource is missing · 73 cannot create · 74 input/output, retry may help · \
      75 interrupted, run again to go on.
      """,
    version: SceneRun.version,
    subcommands: [
      Infer.self, Info.self, Status.self, Audit.self, Evaluate.self, Pairs.self, Train.self,
      Model.self, Render.self, Doctor.self, Bench.self,
    ])
}
