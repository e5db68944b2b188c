"""Sentences that the text coder has read before the first caption: the words and turns that captions use.

They are part of the byte format: changing a letter changes what every coded text means. One caption a line; the
least likely words come first and the commonest turns of phrase last, where the coder remembers them best.
"""

MARK = "\x02"
"""May stand before a word that carries the caption (a named entity); costs next to nothing where one is likely."""

PRIMING_CAPTIONS = """\
The traffic light at the crossing is green and the sign beside the pole is blue.
A street with pavement, poles, signs and a fence between the buildings.
A bicyclist rides on the road past pedestrians, parked cars and a tree.
A motorcyclist with a helmet and a bus driver wait at a traffic light next to a stop sign.
Three pedestrians cross the street in front of a yellow bus and two trucks.
A big airplane flies in a cloudy sky above the mountains.
A small boat and a sailboat float on the blue water near the sea shore, with sand and rocks in front.
A train on the railroad stops at the platform of a station.
A black cat and a white dog lie on a brown sofa next to a pillow and a blanket.
A flock of sheep and some cows graze on green grass behind a wooden fence.
A brown horse with a rider jumps over a fence in a field.
A bird with red and yellow feathers sits on a branch. Two parrots, leaves and flowers.
An elephant, a zebra and a giraffe stand near a river; a bear climbs on a rock.
A dining table with plates, cups, bowls, a bottle of wine, a glass, a knife, a fork and a spoon.
Food on a table: a pizza, a sandwich, a cake, fruit, an apple, an orange, a banana, broccoli and carrots.
A kitchen with a refrigerator, an oven, a sink, a microwave, cabinets and a counter.
A living room with a chair, a couch, a potted plant, a lamp, a carpet, a curtain and a window.
A bedroom with a bed, a mirror, a shelf with books, a clock and a vase on the wall.
A bathroom with a toilet, a towel and a tile floor under the ceiling.
A desk with a laptop, a keyboard, a mouse, a tv monitor, paper and a cell phone.
A person holds an umbrella, a handbag and a backpack; a suitcase stands on the ground.
A boy plays with a ball on the beach. A girl swims in the water.
A child throws a frisbee and a dog runs after it through the park.
Children are playing football on a playing field, and a crowd of people watches the game.
A man rides a wave on a surfboard in the ocean. A skier in a blue jacket stands on the snow.
A young man on a skateboard jumps in the air above the stairs.
A woman with a tennis racket, a baseball player with a bat and a glove, and a man flying a kite.
An old house with a red roof and a white door behind a garden with pink and purple flowers.
A bridge over a river, a tower, a lighthouse on a hill, and a tent under a dark orange sky.
The front of a brick building with a grey stone wall, closed windows and a balcony.
A close-up of a face. A portrait of a woman with brown hair, wearing a hat and a pink scarf.
A group of people are sitting around a table outside. Several people are walking along the road.
Two women are standing next to each other in front of a brick wall. Some motorcycles are parked behind them.
A man in a black shirt and a woman in a white dress are looking at the camera.
An outdoor scene with sky, trees and grass. An indoor scene with a wall, a floor and furniture.
A landscape with mountains, snow and rocks under a blue sky. A lake is in the foreground.
A sea scene with water, sand and a cloudy sky. A beach is at the bottom.
A street scene with two cars, a bus and three people. The road is grey and the sky is white.
A city street with four cars, five people and a bicycle. A building is on the left, trees are on the right.
A white car and a red truck on a road, with a building, a pavement and a tree behind them.
A dog is lying on the grass to the left of a chair. A person is to the right of the dog.
Two boats are on the water. A building and a hill are in the background.
A green bus is on the road behind a silver car. A sidewalk is on the right.
A brown dog is running on the grass in front of a fence. Trees are in the background.
Two people are riding horses on a dirt road. Grass and mountains are in the background.
A person is sitting on a bench in front of a wall. A bicycle is next to the bench.
A man is riding a bicycle on the street. Two cars and a building are behind him.
A woman in a blue shirt is standing on the pavement. A red car is on the left.
Three people are walking on a street. A yellow car and several buildings are in the background.
A man in a red shirt is standing in front of a white car on a street. Trees and a building are in the background.
"""

MARKED_CAPTIONS = """\
A *picture without anything we can name.
An *animal is in the middle. *Plants and *rocks are in the background.
A grey *aeroplane is in the *sky. *Mountains and *trees are in the background.
Two *trains are on bare *ground. *Walls and *fences are in the background under the *sky.
Two *motorbikes and a green *truck are on the *pavement. *Buildings are in the background.
A white *sheep is to the right of a brown *cow. *Grass is in the background under a grey *sky.
Four *birds are on the *water. The *sky is turquoise.
A *bird is on *sand. *Water is in the background under a blue *sky.
A *cat is on a *bed. *Walls and *windows are in the background.
An orange *sofa is behind a *table. *Walls and *furniture are in the background.
A black *screen, a white *bottle and two *dishes are on a *table. *Walls are in the background.
A brown *table is below a *person. *Windows and *walls are in the background.
Two *people, a yellow *dish and a red *bottle are on a *table.
Three *chairs and a purple *table are on the *floor. *Windows are in the background.
A *person is above a white *appliance. *Furniture is in the background.
A *building with *trees under a blue *sky.
A *building with *windows and *plants.
A *room with *walls and *windows. A *room with *furniture.
A *water view with *mountains and *trees under a white *sky.
A *water view with *buildings under an orange *sky.
A *landscape with *trees and *mountains under a blue *sky.
A *landscape with *rocks and *grass under the *sky.
A *scene with *plants. A *scene under a pink *sky.
A *street with *buildings and *trees under a grey *sky.
A *street with *buildings under the *sky.
A *dog is on *snow. *Trees and *mountains are in the background under a blue *sky.
A brown *horse and two *people are on *grass. *Trees and *fences are in the background.
Several *cows are on *grass. *Mountains are in the background under a white *sky.
Two *boats are on the *water. *Buildings and *trees are in the background under a blue *sky.
A white *boat is to the left of a *person. The *sky is blue. The *sky is above.
A *person is in front of a red *bus. *Buildings are in the background.
A *person is behind a black *dog. *Grass and *trees are in the background.
A *person is to the right of a *bicycle. *Walls are in the background.
Six *people are on the left. *Buildings are in the background under the *sky.
Several *people are on the *pavement. *Buildings and *trees are in the background.
Two *cyclists, three *people and a blue *car are on a *road. *Trees are in the background.
Five *cars and a *bicycle are on a *road. *Buildings and *trees are in the background under a white *sky.
Several *cars, two *people and a *cyclist are on a *road. *Buildings and *trees are in the background under a grey *sky.
A red *car is in the middle. *Buildings and *trees are in the background under a blue *sky.
A *person is on the right. *Trees and *buildings are in the background under the *sky.
Two *people are in the middle. *Walls and *windows are in the background.
A *person is in the middle. *Trees are in the background under a blue *sky.
"""


def priming_lines() -> list[str]:
    """What the coder reads: composed captions without and with their marks, then the plain ones."""
    composed = MARKED_CAPTIONS.splitlines()
    bare = [line.replace("*", "") for line in composed]
    return bare + [line.replace("*", MARK) for line in composed] + PRIMING_CAPTIONS.splitlines()
